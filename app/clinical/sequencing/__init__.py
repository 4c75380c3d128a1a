"""Which steps a patient may open, why, and what would open the rest: replayed from facts, never stored."""
