"""Something is not done, and a person is told why: in their own language where the page that shows it knows one."""


class Refusal(Exception):
    """`sentence` with placeholders such as `%(login)s`, and the `values` for them; as text it is filled, in English."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values
