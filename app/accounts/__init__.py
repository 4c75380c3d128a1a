"""Services, people, sign-in and roles; access.py decides who sees whom."""
