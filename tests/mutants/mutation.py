"""The errors that are put into a module: one changed node of its syntax tree each, as a programmer may slip.

Libraries for this (cosmic-ray, mutmut) neither drop a statement, a refusal or a keyword argument nor change a word, and
there this project's tests had their holes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARE = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_BINARY = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NAMES = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "any": "all",
    "all": "any",
    "floor": "ceil",
    "ceil": "floor",
    "nanmean": "nanmedian",
    "mean": "median",
    "median": "mean",
    "abs": "float",
    "sin": "cos",
    "cos": "sin",
    "isfinite": "isnan",
}


@dataclass(frozen=True)
class Mutant:
    """One error: its kind, the line in the original, the code before and after, and the whole mutated source."""

    kind: str
    line: int
    before: str
    after: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module's source, in the order of its lines; none in docstrings, annotations and messages."""
    tree = ast.parse(source)
    _leave_out(tree)
    found = []
    for holder in ast.walk(tree):
        if getattr(holder, "left_out", False):
            continue
        for field, position, node in _children(holder):
            if getattr(node, "left_out", False):
                continue
            for kind, changed in _changes(holder, field, node):
                _put(holder, field, position, changed)
                after = ast.unparse(ast.fix_missing_locations(tree))
                shown = "nothing" if isinstance(changed, ast.Pass) else _text(changed)
                _put(holder, field, position, node)
                found.append(Mutant(kind, getattr(node, "lineno", 0), _text(node), shown, after))
            dropped = _dropped_keyword(holder, field, position, node)
            if dropped is not None:
                after = ast.unparse(ast.fix_missing_locations(tree))
                dropped.insert(position, node)
                found.append(Mutant("keyword", node.value.lineno, _text(node), "not passed", after))
    return sorted(found, key=lambda mutant: (mutant.line, mutant.kind, mutant.before, mutant.after))


def _leave_out(tree: ast.Module) -> None:
    """Mark what no behaviour follows from, or only the words of a message: with all that lies below."""
    for node in ast.walk(tree):
        for top in _without_behaviour(node):
            for inner in ast.walk(top) if top is not None else ():
                inner.left_out = True


def _without_behaviour(node: ast.AST) -> list[ast.AST | None]:
    if isinstance(node, ast.Module):
        return [_docstring(node)]
    if isinstance(node, ast.ClassDef):
        # That dataclasses are frozen is held by tests/project.
        return [_docstring(node), *node.decorator_list]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [_docstring(node), node.returns, *node.decorator_list]
    if isinstance(node, (ast.arg, ast.AnnAssign)):
        return [node.annotation]
    if isinstance(node, ast.Raise):
        return [node.exc, node.cause]
    typing_only = isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
    return [node] if typing_only or isinstance(node, ast.JoinedStr) else []


def _docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST | None:
    first = node.body[0] if node.body else None
    return first if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else None


def _children(holder: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(holder):
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            yield from ((field, place, node) for place, node in enumerate(value) if isinstance(node, ast.AST))


def _put(holder: ast.AST, field: str, position: int | None, node: ast.AST) -> None:
    if position is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[position] = node


def _changes(holder: ast.AST, field: str, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node may be changed into, with the kind of the error."""
    if isinstance(node, ast.stmt):
        yield from _dropped_statement(node)
    elif isinstance(node, ast.Compare):
        new = _COMPARE[type(node.ops[0])]()
        yield "comparison", ast.Compare(node.left, [new, *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        yield "arithmetic", ast.BinOp(node.left, _BINARY[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        new = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "logic", ast.BoolOp(new, node.values)
        yield "logic", ast.BoolOp(node.op, node.values[:-1]) if len(node.values) > 2 else node.values[0]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield "sign", node.operand
    elif isinstance(node, ast.Constant):
        yield from (("constant", ast.Constant(value)) for value in _other_values(holder, field, node.value))
    elif field == "func":
        yield from _other_function(node)
    if field == "test" and isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
        yield "condition", ast.UnaryOp(ast.Not(), node)


def _dropped_statement(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if called or isinstance(node, (ast.Raise, ast.AugAssign, ast.Continue)):
        yield "statement", ast.Pass()
    elif isinstance(node, ast.Break):
        yield "statement", ast.Continue()


def _other_function(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Name) and node.id in _NAMES:
        yield "function", ast.Name(_NAMES[node.id], ast.Load())
    elif isinstance(node, ast.Attribute) and node.attr in _NAMES:
        yield "function", ast.Attribute(node.value, _NAMES[node.attr], ast.Load())


def _other_values(holder: ast.AST, field: str, value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, float):
        yield value * 1.5 if value else 0.5
    elif (
        isinstance(value, str)
        and isinstance(holder, (ast.Dict, ast.keyword, ast.Compare))
        and field != "keys"
    ):
        yield value + "_"


def _dropped_keyword(
    holder: ast.AST, field: str, position: int | None, node: ast.AST
) -> list[ast.keyword] | None:
    """The call's keywords without this one, which the caller puts back; None where it is no named argument."""
    if not isinstance(holder, ast.Call) or field != "keywords" or position is None:
        return None
    if node.arg is None:
        return None
    del holder.keywords[position]
    return holder.keywords


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 110 else f"{text[:80]} ... {text[-25:]}"
