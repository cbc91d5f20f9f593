"""Two of Gradio's scripts for the page, served with a few pieces replaced.

One finds the page's components. As it is, it walks through the tree of all components whenever it looks for one, and
reads every event's triggers anew for each component: with as many components as here that is most of what the page does
while it opens. And before it says that an event waits, runs or is done, it copies the values of all components below
those that any event so far has changed, number by number. ``python -m benchmarks.page`` measures it with the script as
it is and as it is served.

The other starts events. A function with "always_last" waits while an earlier call of it is under way. As it is, the
script then starts all functions of the event anew, not only the one that waited: two of them that wait in turns ask the
server without end. It sends what came with the earlier event, so that who clicks two examples in quick succession gets
the first. After an error it forgets that a call waits, and makes it after a later one. And a call that is cancelled
before the server has given it a name goes on there; so does one that is made while the one before is being cancelled.
"""

import gzip
from functools import cache
from pathlib import Path

import gradio as gr

FIND = (
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
)
STATUS = (("r&&!(`value`in t)&&(await this.#m(e,r)", "r&&!(`value`in t||`loading_status`in t)&&(await this.#m(e,r)"),)
WAITED = "this.queue.delete(r.id)&&this.dispatch({...this.latest.get(r.id),type:`fn`,fn_index:r.id})"
START = (
    ("{this.queue.add(r.id);continue}", "{this.queue.add(r.id),(this.latest??=new Map).set(r.id,e);continue}"),
    ("this.queue.has(r.id)&&(this.queue.delete(r.id),this.dispatch(e))", WAITED),
    ("c&&this.clear_submission(r.id,c),o.forEach(", f"c&&this.clear_submission(r.id,c),{WAITED},o.forEach("),
    ("await e.cancel(),", "await e.wait_for_id().catch(()=>{}),await e.cancel(),"),
    ("this.clear_submission(t);", "this.clear_submission(t,e);"),
)
PIECES = {"core": FIND + STATUS, "Blocks": START}
"""By the beginning of a script's name, what stands in it, and what stands there instead.

A component is looked up in a map of all below the tree's root, which lasts as long as the tree. The events of all
components are sorted by component once. Where only a status is told, no value is copied. A function that had to wait is
called alone, with what came with its event, also after an error. And what is cancelled is the call that was under way,
once it can be.
"""
TIMES = {piece: 1 for pieces in PIECES.values() for piece, _ in pieces} | {START[1][0]: 2}
"""How often each piece stands in its script."""


def replaced(kind: str, script: str) -> str | None:
    """Return ``script`` with the ``PIECES`` of its kind replaced; None unless each stands there as often as known."""
    if any(script.count(piece) != TIMES[piece] for piece, _ in PIECES[kind]):
        return None
    for piece, better in PIECES[kind]:
        script = script.replace(piece, better)
    return script


@cache
def served_scripts() -> dict[str, tuple[bytes, bytes]]:
    """Return, by their paths, the texts of the scripts as they are served, and those compressed with gzip.

    A script that the installed Gradio has not as it is known is left out, and so is served as it is.
    """
    folder = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
    found = {}
    for kind in PIECES:
        for file in folder.glob(f"{kind}-*.js"):
            if (text := replaced(kind, file.read_text(encoding="utf-8"))) is not None:
                found[f"/assets/{file.name}"] = (text.encode(), gzip.compress(text.encode(), mtime=0))
    return found
