"""Lines as letters, diaries and account books have them, and novels do not: dates, openings and closings, sums."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    ("January", "Jan."),
    ("February", "Feb."),
    ("March", "Mar."),
    ("April", "Apr."),
    ("May", "May"),
    ("June", "June"),
    ("July", "July"),
    ("August", "Aug."),
    ("September", "Sept."),
    ("October", "Oct."),
    ("November", "Nov."),
    ("December", "Dec."),
)
TITLES = ("Mr.", "Mrs.", "Miss", "Dr.", "Sir", "Lady", "Lord", "Captain", "Colonel", "Professor", "Revd.", "Mr", "Mrs")
THINGS = (
    *("books", "boxes", "yards of cloth", "bushels", "candles", "days' work", "specimens", "plants", "seeds"),
    *("copies", "letters", "sheep", "horses", "coals", "rent", "postage", "repairs", "carriage"),
)
DATES = (
    *("{day}{th} {month} {year}", "{month} {day}{th} {year}", "{month} {day}, {year}", "{day} {month} {year}"),
    *("{month} {day}/{short_year}", "{abbreviated} {day} {year}", "{day} {abbreviated} {year}"),
    *("{day}/{number}/{short_year}", "{day}.{number}.{year}", "the {day}{th} of {month}", "{month} {day}{th}"),
)
SUMS = ("{pounds} l. {shillings} s. {pence} d.", "{shillings}s. {pence}d.", "{pounds}.{shillings}.{pence}")
OTHER_SUMS = ("{pounds} pounds", "{shillings}/{pence}", "{pounds} dollars", "{thousands:,}")
FORMS = (
    ("{date}", "{place}, {date}", "{weekday}, {date}", "{weekday} {date}."),
    (
        *("Dear {title} {name},", "My dear {name},", "My dear {title} {name}", "Dear Sir,", "Dear Madam,"),
        *("My dear Sir,", "Sir,", "Gentlemen,", "My dear Mother,", "My dear Father,", "Dearest {name},"),
        *("To {title} {name}", "{title} {name}, {place}"),
    ),
    (
        *("Many thanks for your letter of {date}", "I have received yours of the {day}{th}"),
        *("Your letter of the {day}{th} inst.", "In answer to your letter of {date}", "I enclose a cheque for {sum}"),
        *("I shall be in {place} on {weekday} next", "Please let me know by {weekday}"),
        *("I beg to acknowledge the receipt of {sum}", "on {weekday} the {day}{th} of {month}"),
        *("We arrived at {place} on {weekday}", "from {date} to {date}", "p. {page}, vol. {few}"),
        "No. {page} {name} Street, {place}",
    ),
    (
        *("Yours truly,", "Yours faithfully,", "Yours sincerely,", "Yours very truly", "Believe me ever yours"),
        *("I am, Sir, your obedient servant", "I remain, dear Sir, yours truly", "Ever your affectionate son"),
        *("With kind regards to {title} {name}", "With best love to all, ever yours", "{name}", "P.S."),
        "Yrs. affectionately",
    ),
    (
        *("{few} {thing} at {pence} d. each  {sum}", "To {few} {thing}  {sum}", "Paid {name} for {thing}  {sum}"),
        *("Received from {title} {name} {sum}", "Total {sum}", "Balance {sum}", "{date}. {name}, {thing}, {sum}"),
    ),
)


def lines(names: Sequence[str], count: int) -> Iterator[str]:
    """So many lines, always the same, with names of people and places from a list."""
    choose = random.Random(1)
    for _ in range(count):
        form = choose.choice(choose.choice(FORMS))
        yield form.format(
            title=choose.choice(TITLES),
            name=choose.choice(names),
            place=choose.choice(names),
            thing=choose.choice(THINGS),
            weekday=choose.choice(DAYS),
            page=choose.randint(1, 999),
            few=choose.randint(1, 24),
            sum=_filled(choose.choice((*SUMS, *OTHER_SUMS)), choose),
            date=_filled(choose.choice(DATES), choose),
            **_numbers(choose),
        )


def _filled(form: str, choose: random.Random) -> str:
    return form.format(**_numbers(choose))


def _numbers(choose: random.Random) -> dict[str, str | int]:
    """A day and a sum, in their parts."""
    day, year, month = choose.randint(1, 31), choose.randint(1700, 2025), choose.choice(MONTHS)
    return {
        "day": day,
        "th": "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th"),
        "month": month[0],
        "abbreviated": month[1],
        "number": MONTHS.index(month) + 1,
        "year": year,
        "short_year": f"{year % 100:02}",
        "pounds": choose.randint(1, 400),
        "shillings": choose.randint(1, 19),
        "pence": choose.randint(1, 11),
        "thousands": choose.randint(1_000, 90_000),
    }
