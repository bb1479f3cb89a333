"""Random mapping rows over random records: most of them make sense, some do not. Dice rather than strategies, for dense ones."""

from __future__ import annotations

from random import Random
from typing import Any

LEAVES = [None, "", "a", "B ", "7", 0, 1, 2, 2.5, True, "x,y", "b,a,b"]
#: Lists of the source, with the fields of their elements.
FIELDS = {
    "items[*]": [
        "sku",
        "qty",
        "kind",
        "@number",
        "@index",
        "parts",
        "notes[*]",
        "parts[0].n",
        "parts[*].n",
        "parts[-1]",
    ],
    "fees[*]": ["sku", "title", "@number", "parts[*].n"],
    "items[*].parts[*]": ["n", "of", "@number", "@index", "subs[*].k"],
    "fees[*].parts[*]": ["n", "@number"],
    "items[*].parts[*].subs[*]": ["k", "n", "@index", "@number"],
    "notes[*]": ["text"],
    "tags[*]": [],
}
TOP = ["id", "name", "total", "name[0]", "items[0].sku", "items[-1].parts[0].n", "items", "tags[1]"]
#: Lists of the result, each in the one before it, and their fields.
NESTS = [["L", "M", "N"], ["Q.R", "S"]]
CONDITIONS = [("equals", "a"), ("is_empty", None), ("is_not_empty", None), ("greater", 1), ("not_in", ["a", 7])]


class Dice:
    """`record()` and `rows()` of one seed."""

    def __init__(self, seed: int, *, asks: bool = False) -> None:
        self.random, self.asks = Random(seed), asks
        #: Paths of working fields, in one mapping of three.
        self.works: list[str] = []

    # -- records ------------------------------------------------------------------------------------------------------

    def record(self) -> dict[str, Any]:
        sub = lambda: self.object(k=self.leaf, n=self.leaf)  # noqa: E731  # one line each shows the shape
        part = lambda: self.object(n=self.leaf, of=self.leaf, subs=lambda: self.list(sub))  # noqa: E731
        item = lambda: self.object(  # noqa: E731
            sku=self.leaf,
            qty=self.leaf,
            kind=self.leaf,
            parts=lambda: self.list(part),
            notes=lambda: self.list(self.leaf),
            **({"@number": self.leaf} if self.one_in(8) else {}),
        )
        fee = lambda: self.object(sku=self.leaf, title=self.leaf, parts=lambda: self.list(part))  # noqa: E731
        return self.object(
            id=self.leaf,
            name=self.leaf,
            total=self.leaf,
            items=lambda: self.list(item),
            fees=lambda: self.list(fee),
            notes=lambda: self.list(lambda: self.object(text=self.leaf)),
            tags=lambda: self.list(self.leaf),
        )

    def one_in(self, times: int) -> bool:
        return self.random.randrange(times) == 0

    def leaf(self) -> Any:
        return self.random.choice(LEAVES)

    def object(self, **fields: Any) -> Any:
        return {name: make() for name, make in fields.items() if not self.one_in(8)}

    def list(self, element: Any) -> Any:
        if self.one_in(20):
            return self.random.choice([None, "text", {}, 7])
        return [self.leaf() if self.one_in(15) else element() for _ in range(self.random.choice([0, 1, 1, 2, 2, 3]))]

    # -- rows ---------------------------------------------------------------------------------------------------------

    def rows(self) -> list[dict[str, Any]]:
        working = self.working() if self.one_in(3) else []
        made = [
            self.row(self.random.choice(["a", "b", "a.x", "c.d", "e[1].x"]), [])
            for _ in range(self.random.randrange(3))
        ]
        for nest in self.random.sample(NESTS, self.random.randint(0, 2)):
            self.nest(made, "", nest, [])
        if self.one_in(4):
            made.append(self.row("P[*]", [self.driver([])]))
        self.random.shuffle(made)
        return [*working, *made]

    def working(self) -> list[dict[str, Any]]:
        """Rows of working fields, made above those that read them."""
        made: list[dict[str, Any]] = []
        self.works = []
        for number in range(self.random.randint(1, 2)):
            rows: list[dict[str, Any]] = []
            if self.one_in(2):
                rows.append(self.row(f"@work.v{number}", []))
                works = [f"@work.v{number}"]
            else:
                self.nest(rows, "", [f"@work.l{number}"], [])
                works = [f"@work.l{number}[*].{field}" for field in "xy"]
            made += rows
            self.works += works
        return made

    def nest(self, made: list[dict[str, Any]], above: str, nest: list[str], walked: list[str]) -> None:
        """The rows of a list of the result and of those in it; `walked` are the source lists around."""
        target, drivers = f"{above}{nest[0]}[*]", [self.driver(walked)]
        if self.one_in(2):
            while self.one_in(3):
                drivers.append(self.driver(walked))
            made.append(self.head(target, drivers))
        around = [*walked, *drivers, *(outer for driver in drivers for outer in FIELDS if driver.startswith(outer))]
        for name in ["x", "y", "z.w"][: self.random.randint(1, 3)]:
            made.append(self.row(f"{target}.{name}", around))
        if self.one_in(5):
            made.append(self.row(f"{target}.T[*]", around))
        if len(nest) > 1 and self.one_in(2):
            self.nest(made, f"{target}.", nest[1:], around)

    def driver(self, walked: list[str]) -> str:
        inner = [each for each in FIELDS if any(each.startswith(outer + ".") for outer in walked)]
        return self.random.choice(inner if inner and not self.one_in(4) else list(FIELDS))

    def path(self, around: list[str]) -> str:
        """Mostly a field of an element around."""
        if self.works and self.one_in(4):
            return self.random.choice(self.works)
        if not around or self.one_in(8):
            return self.random.choice([*TOP, *FIELDS, *(f"{e}.{f}" for e, fs in FIELDS.items() for f in fs)])
        each = self.random.choice(around)
        return self.random.choice([each, *(f"{each}.{field}" for field in FIELDS[each])])

    def row(self, target: str, around: list[str]) -> dict[str, Any]:
        paths = [self.path(around) for _ in range(self.random.choice([0, 1, 1, 1, 1, 2, 3]))]
        if target.endswith("[*]") and not paths:
            paths = [self.path(around)]
        do = self.steps(around)
        if len(paths) > 1:
            do.insert(0, self.combining())
        on_error = self.random.choice(["empty", "empty", "default", "fail"])
        return {
            "to": target,
            "from": [{"path": path, "do": self.steps(around, 4)} for path in paths],
            "value": None if paths else self.leaf(),
            "do": do,
            "when": [self.condition(around)] if self.one_in(5) else [],
            "on_error": on_error,
            "default": self.leaf() if on_error == "default" else None,
            "empty": self.random.choice(["omit", "omit", "null"]),
        }

    def head(self, target: str, drivers: list[str]) -> dict[str, Any]:
        named = [driver.removesuffix("[*]") if self.one_in(2) else driver for driver in drivers]
        if self.one_in(4):
            named = []
        elif self.one_in(8):
            named[0] = "items[*].kind"
        whole = lambda: [self.whole(drivers)] if self.one_in(4) else []  # noqa: E731
        return {
            "to": target,
            "from": [{"path": path, "do": whole()} for path in named],
            "do": whole() if len(named) < 2 else [],
            "when": [self.condition(drivers)] if self.one_in(3) else [],
            "on_error": self.random.choice(["fail", "empty", "empty"]),
            "empty": self.random.choice(["omit", "omit", "once", "null"]),
        }

    def condition(self, around: list[str]) -> dict[str, Any]:
        op, value = self.random.choice(CONDITIONS)
        return {"field": self.path(around), "op": op, "value": value}

    # -- functions ------------------------------------------------------------------------------------------------------

    def steps(self, around: list[str], one_in: int = 2) -> list[dict[str, Any]]:
        return [self.step(around) for _ in range(self.random.randint(1, 2))] if self.one_in(one_in) else []

    def step(self, around: list[str]) -> dict[str, Any]:
        if self.asks and self.one_in(3):
            asked = {"other.script": {"script": "double"}}, {"other.sequence": {"name": "no", "start": 100}}
            return {**self.random.choice(asked), "inputs": self.inputs(around, 1)}
        if self.one_in(25):
            return {
                "other.skip_record": {**self.condition(around), "field": self.random.choice(["", self.path(around)])}
            }
        return self.random.choice([self.plain, self.plain, self.branch, self.gathering])(around)

    def plain(self, around: list[str]) -> dict[str, Any]:
        name, args = self.random.choice(
            [
                ("string.upper", {}),
                ("number.add", {"number": 10}),
                ("other.to_decimal", {}),
                ("other.skip_field", {}),
                ("string.prefix", {"text": "p"}),
                ("array.reverse", {}),
            ]
        )
        return {name: args, "inputs": self.inputs(around, 1)}

    def gathering(self, around: list[str]) -> dict[str, Any]:
        args = {"string.concatenate": {"joiner": "-"}}, {"array.collect": {}}, {"other.fallback": {}}
        return {**self.random.choice(args), "inputs": self.inputs(around, self.random.randint(1, 3))}

    def combining(self) -> dict[str, Any]:
        return self.random.choice(
            [{"other.fallback": {}}, {"string.concatenate": {"joiner": "+"}}, {"array.collect": {}}]
        )

    def branch(self, around: list[str]) -> dict[str, Any]:
        args: dict[str, Any] = self.condition(around)
        args["field"] = self.random.choice(["", args["field"]])
        for name in ("then", "otherwise"):
            args[name] = self.random.choice(["continue", "continue", "keep", "null", "field", "value"])
            if args[name] == "field":
                args[f"{name}_field"] = self.path(around)
            elif args[name] == "value":
                args[f"{name}_value"] = "fixed"
        return {"other.if": args, "inputs": self.inputs(around, 1)}

    def whole(self, around: list[str]) -> dict[str, Any]:
        split = {"array.split": {"delimiter": ","}}
        return self.random.choice(
            [{"array.reverse": {}}, {"array.reverse": {}}, split, {"other.skip_field": {}}, self.branch(around)]
        )

    def inputs(self, around: list[str], many: int) -> list[str] | None:
        if not self.one_in(3):
            return None
        return [self.random.choice(["@value", self.path(around)]) for _ in range(many)]
