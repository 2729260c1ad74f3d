// Stores for tests: one in memory, and wrappers that watch, cut off or fail at a chosen operation.
import type { WritableStore } from "./store.ts";

export type Disk = Map<string, Uint8Array>;

/** Files in a map. */
export function memoryStore(disk: Disk): WritableStore {
  return {
    title: "memory",
    path: (name) => `memory/${name}`,
    reason: () => undefined,
    read: async (name) => disk.get(name),
    open: async () => undefined,
    close: async () => undefined,
    list: async () => [...disk.keys()].map((name) => ({ name, kind: "file" as const })),
    write: async (name, bytes) => {
      disk.set(name, bytes.slice());
    },
    claim: async (name, bytes) => {
      if (disk.has(name)) return false;
      disk.set(name, bytes.slice());
      return true;
    },
    move: async (from, to) => {
      const bytes = disk.get(from);
      if (!bytes) throw new Error(`${from} is not there`);
      disk.set(to, bytes);
      disk.delete(from);
    },
    remove: async (name) => {
      disk.delete(name);
    },
    sync: async () => undefined,
  };
}

const operations = ["read", "open", "close", "list", "write", "claim", "move", "remove", "sync"] as const;

/** The same store; `before` is called before each operation, counted from 1, and may throw. */
export function watched(
  store: WritableStore,
  before: (count: number, operation: string) => void | Promise<void>,
): WritableStore {
  let count = 0;
  const wrapped = operations.map((operation) => {
    const call = store[operation] as (...given: unknown[]) => Promise<unknown>;
    return [
      operation,
      async (...given: unknown[]) => {
        await before(++count, operation);
        return call(...given);
      },
    ];
  });
  return { ...store, ...Object.fromEntries(wrapped) };
}

/** A writer that is killed at its nth operation: a write gets half done, and nothing comes after. */
export function killedAt(store: WritableStore, nth: number): WritableStore {
  let dead = false;
  const mortal = watched(store, (count) => {
    dead ||= count >= nth;
    if (dead) throw new Error("killed");
  });
  return {
    ...mortal,
    async write(name, bytes) {
      if (!dead) await store.write(name, bytes.subarray(0, bytes.length >> 1));
      await mortal.write(name, bytes);
    },
  };
}

/** A disk that is full for one operation. */
export const failingAt = (store: WritableStore, nth: number): WritableStore =>
  watched(store, (count) => {
    if (count === nth) throw new Error("the disk is full");
  });
