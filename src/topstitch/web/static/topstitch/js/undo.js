// Steps that can be undone and done again. It knows nothing of what they are: a step is two functions and its words.
const MOST = 200;

export class UndoStack extends EventTarget {
  #done = [];
  #undone = [];

  /** Does a step now. `redo` does it, `undo` takes it back. Steps with the same `joins` that follow each other are one. */
  do({ words, redo, undo, joins = null }) {
    redo();
    const last = this.#done.at(-1);
    if (joins !== null && last && last.joins === joins && !this.#undone.length) last.redo = redo;
    else this.#done.push({ words, redo, undo, joins });
    if (this.#done.length > MOST) this.#done.shift();
    this.#undone = [];
    this.#tell();
  }

  /** Takes the last step back; returns its words, or null. */
  undo() {
    return this.#turn(this.#done, this.#undone, "undo");
  }

  /** Does again what was taken back. */
  redo() {
    return this.#turn(this.#undone, this.#done, "redo");
  }

  /** Words of what undo and redo would do next, null when there is nothing. */
  get next() {
    return { undo: this.#done.at(-1)?.words ?? null, redo: this.#undone.at(-1)?.words ?? null };
  }

  clear() {
    this.#done = [];
    this.#undone = [];
    this.#tell();
  }

  #turn(from, to, way) {
    const step = from.pop();
    if (!step) return null;
    step[way]();
    step.joins = null;
    to.push(step);
    this.#tell();
    return step.words;
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
