"""The emergency number follows the country of the phone where the deployment names none (phonenumbers' short numbers)."""

import pytest

from messaging.contacts import emergency_number


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("US", "911"),
        ("HT", "114"),
        ("FR", "112"),
        ("KE", "112"),
        ("UA", "112"),
        ("SD", "999"),
        ("BR", "112"),
        (None, "112"),
    ],
)
def test_emergency_number(country: str | None, number: str) -> None:
    assert emergency_number(country) == number
