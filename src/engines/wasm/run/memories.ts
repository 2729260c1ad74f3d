// The memories of an engine. A released memory is kept and used again: threads that sleep never collect garbage, so a shared
// memory that they have seen would stay for ever.

import { NeocogError } from "../../../base/errors.ts";
import type { WasmMemory } from "../../../base/web.ts";
import { control } from "./runtime.ts";

const pageBytes = 65536;
const mostPages = 65536;

export class Memories {
  readonly #shared: boolean;
  readonly #free: WasmMemory[] = [];

  constructor(shared: boolean) {
    this.#shared = shared;
  }

  /** A memory of at least `bytes` bytes; those behind the control words are zero. */
  take(bytes: number): WasmMemory {
    const pages = Math.ceil(bytes / pageBytes);
    return this.#reuse(pages) ?? this.#create(pages);
  }

  give(memory: WasmMemory): void {
    // Without threads the garbage collector sees to it.
    if (this.#shared) this.#free.push(memory);
  }

  /** The smallest free memory that is large enough, else the largest, made larger. */
  #reuse(pages: number): WasmMemory | undefined {
    const sized = this.#free
      .map((memory) => ({ memory, pages: memory.buffer.byteLength / pageBytes }))
      .sort((a, b) => a.pages - b.pages);
    const found = sized.find((one) => one.pages >= pages) ?? sized.at(-1);
    if (!found) return undefined;
    try {
      if (found.pages < pages) found.memory.grow(pages - found.pages);
    } catch {
      return undefined;
    }
    this.#free.splice(this.#free.indexOf(found.memory), 1);
    // All but the words that threads meet at: one may be on its way out of the last barrier still.
    new Uint8Array(found.memory.buffer, 0, Math.min(pages, found.pages) * pageBytes).fill(0, control.end);
    return found.memory;
  }

  #create(pages: number): WasmMemory {
    const shared = this.#shared;
    // Room to grow costs only addresses; where they are scarce there is none.
    for (const maximum of shared ? [mostPages, pages] : [pages]) {
      try {
        return new WebAssembly.Memory({ initial: pages, maximum, shared });
      } catch {
        // tried again with less, then refused below
      }
    }
    throw new NeocogError(
      `${((pages * pageBytes) / 2 ** 20).toFixed(0)} MiB of memory for this plan cannot be had here; use a smaller batch, or release what is no longer used.`,
    );
  }
}
