"""The script in which Gradio's page finds its components, served with quicker pieces.

As it is, the page walks through the tree of all components whenever it looks for one, reads every event's triggers anew
for each component, and copies what components hold whenever an event begins or ends: with as many components as here
that is most of what it does while it opens. ``python -m benchmarks.page`` measures it with the script as it is and as
it is served.
"""

import gzip
from functools import cache
from pathlib import Path

import gradio as gr

PIECES = (
    (
        "function Z(e,t){if(e.id===t)return e;if(e.children)for(let n of e.children){let e=Z(n,t);if(e)return e}"
        "return null}",
        "let nodesBelow=new WeakMap;"
        "function Z(root,id){"
        "if(root.id===id||!root.children)return root.id===id?root:null;"
        "let nodes=nodesBelow.get(root.children);"
        "if(!nodes){"
        "nodes=new Map;"
        "let add=node=>{nodes.has(node.id)||nodes.set(node.id,node);node.children?.forEach(add)};"
        "root.children.forEach(add);nodesBelow.set(root.children,nodes)}"
        "return nodes.get(id)??null}"
        "let triggersIn=new WeakMap;"
        "function triggersOf(id,dependencies){"
        "let triggers=triggersIn.get(dependencies);"
        "if(!triggers){"
        "triggers=new Map;"
        "for(let{targets}of dependencies)"
        "for(let[target,event]of new Map([...targets].reverse()))"
        "event&&triggers.set(target,[...triggers.get(target)??[],event]);"
        "triggersIn.set(dependencies,triggers)}"
        "return triggers.get(id)??[]}",
    ),
    ("a.children=i.children,", "a.children=i.children,nodesBelow=new WeakMap,"),
    (
        "let n=t.filter(t=>t.targets.find(([t])=>t===e.id)).map(t=>{let n=t.targets.find(([t])=>t===e.id);"
        "return n?n[1]:null}).filter(Boolean);",
        "let n=triggersOf(e.id,t);",
    ),
    ("r&&!(`value`in t)&&(await", "r&&!(`value`in t||`loading_status`in t)&&(await"),
)
"""What stands in the script once each, and what stands there instead.

A component is looked up in a map of all below the tree's root, which lasts as long as the tree. The events of all
components are sorted by component once. And a component is told an event's status without a copy of what it holds.
"""


def quickened(script: str) -> str | None:
    """Return ``script`` with the quicker pieces; None if it has not each of the ``PIECES`` once."""
    if any(script.count(piece) != 1 for piece, _ in PIECES):
        return None
    for piece, quicker in PIECES:
        script = script.replace(piece, quicker)
    return script


@cache
def quick_script() -> tuple[str, bytes, bytes] | None:
    """Return the path of the script, its text as it is served, and that compressed with gzip.

    Returns:
        None if the installed Gradio has no such script, which is then served as it is.
    """
    scripts = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
    for file in sorted(scripts.glob("core-*.js")):
        text = quickened(file.read_text(encoding="utf-8"))
        if text is not None:
            return f"/assets/{file.name}", text.encode(), gzip.compress(text.encode(), mtime=0)
    return None
