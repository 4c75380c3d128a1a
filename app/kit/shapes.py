"""Located data as a typed value: each thing pydantic refuses becomes a fault with a line and a fix."""

import difflib
import re
import types
from collections.abc import Callable, Iterator
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from app.kit.located import Fault, Loc, Located, Unreadable, did_you_mean

T = TypeVar("T")


class Shape(Generic[T]):
    """A type that files are read as: a pydantic model or a union of them."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self.adapter: TypeAdapter[T] = TypeAdapter(annotation)


def read_as(shape: Shape[T], located: Located) -> T:
    """The value, checked against `shape`. Raises `Unreadable` with a fault for every mistake in it.

    A validator may say more than pydantic can by raising an error whose context holds `problem`, `fix`
    and `at`, the place below the value; or `mistakes`, each with those three.
    """
    try:
        return shape.adapter.validate_python(located.value)
    except ValidationError as refused:
        raise Unreadable(faults_in(refused, located, shape)) from None


def faults_in(refused: ValidationError, located: Located, shape: Shape[Any]) -> list[Fault]:
    """Each error of a pydantic refusal as a fault at its line in the file, in the order of the lines."""
    errors = refused.errors(include_url=False)
    return sorted({found for error in errors if not _follows(error, errors) for found in _told(error, located, shape)})


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether an error only comes of another: what holds a faulty part, or the right name of a misspelt one."""
    loc = error["loc"]
    if any(len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in errors):
        return True
    beside = [other for other in errors if other["loc"][:-1] == loc[:-1] and other["type"] == "extra_forbidden"]
    misspelt = [str(other["loc"][-1]) for other in beside]
    return error["type"] == "missing" and bool(difflib.get_close_matches(str(loc[-1]), misspelt, cutoff=0.6))


def _told(error: ErrorDetails, located: Located, shape: Shape[Any]) -> Iterator[Fault]:
    loc, context = error["loc"], error.get("ctx", {})
    if "mistakes" in context:
        yield from (located.fault((*loc, *each.at), each.problem, each.fix) for each in context["mistakes"])
    elif "fix" in context:
        yield located.fault((*loc, *context["at"]), context["problem"], context["fix"])
    else:
        yield _TELLERS.get(error["type"], _tell_other)(error, located, shape)


def _name(loc: Loc) -> str:
    return str(next((part for part in reversed(loc) if isinstance(part, str)), "this"))


def _tell_unknown(error: ErrorDetails, located: Located, shape: Shape[Any]) -> Fault:
    *above, name = error["loc"]
    return located.fault(
        error["loc"], f'field "{name}" is not known', did_you_mean(name, fields_at(shape, tuple(above)))
    )


def _tell_missing(error: ErrorDetails, located: Located, shape: Shape[Any]) -> Fault:
    name = _name(error["loc"])
    return located.fault(error["loc"], f'field "{name}" is missing', f'Add "{name}:" here.')


def _tell_no_tag(error: ErrorDetails, located: Located, shape: Shape[Any]) -> Fault:
    name = error["ctx"]["discriminator"].strip("'")
    return located.fault(error["loc"], f'field "{name}" is missing', f'Add "{name}:" here.')


def _tell_unknown_tag(error: ErrorDetails, located: Located, shape: Shape[Any]) -> Fault:
    name, tag = error["ctx"]["discriminator"].strip("'"), error["ctx"]["tag"]
    known = re.findall(r"'([^']*)'", error["ctx"]["expected_tags"])
    return located.fault((*error["loc"], name), f'"{tag}" is not a known {name}', did_you_mean(tag, known))


def _tell_unknown_value(error: ErrorDetails, located: Located, shape: Shape[Any]) -> Fault:
    known = re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
    problem = f'"{error["input"]}" is not a value of "{_name(error["loc"])}"'
    return located.fault(error["loc"], problem, did_you_mean(error["input"], known))


def _tell_not_text(error: ErrorDetails, located: Located, shape: Shape[Any]) -> Fault:
    name = _name(error["loc"])
    return located.fault(error["loc"], f'"{name}" must be text', f'Put it in quotes: {name}: "{error["input"]}".')


def _tell_other(error: ErrorDetails, located: Located, shape: Shape[Any]) -> Fault:
    fix = error["msg"].replace("Input should", "It should") + "."
    return located.fault(error["loc"], f'"{_name(error["loc"])}" cannot be used as it is', fix)


_TELLERS: dict[str, Callable[[ErrorDetails, Located, Shape[Any]], Fault]] = {
    "extra_forbidden": _tell_unknown,
    "missing": _tell_missing,
    "union_tag_not_found": _tell_no_tag,
    "union_tag_invalid": _tell_unknown_tag,
    "literal_error": _tell_unknown_value,
    "enum": _tell_unknown_value,
    "string_type": _tell_not_text,
}


def fields_at(shape: Shape[Any], loc: Loc) -> tuple[str, ...]:
    """The names of the fields that may stand at a place of a shape, for a suggestion."""
    models = tuple(_models_in(shape.annotation))
    for part in loc:
        if isinstance(part, int):
            continue
        tagged = tuple(model for model in models if part in _tags_of(model))
        held = (_by_written_name(model).get(part) for model in models)
        models = tagged or tuple(found for info in held if info for found in _models_in(info.annotation))
    return tuple(dict.fromkeys(name for model in models for name in _by_written_name(model)))


def _by_written_name(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _tags_of(model: type[BaseModel]) -> set[str]:
    literals = (f.annotation for f in model.model_fields.values() if get_origin(f.annotation) is Literal)
    return {tag for literal in literals for tag in get_args(literal)}
