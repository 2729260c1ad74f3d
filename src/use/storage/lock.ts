// One writer at a time. A lock is a file that says who holds it, and exists from `claim` on; a number in its name makes
// taking over safe: whoever finds the holder of number n dead claims n + 1, which only one can. A page or process that was
// killed leaves its lock behind and counts as dead.
import { clock, owners } from "#host";
import { NeocogError } from "../../base/errors.ts";
import type { Owner } from "../../host/host.ts";
import type { WritableStore } from "./store.ts";

const lockName = (number: number): string => `.neocog-lock-${number}`;

/** A lock that was found. */
export interface Held {
  readonly number: number;
  /** Absent where the file says nothing that can be read. */
  readonly holder?: Owner & { readonly since?: string };
}

/** Attempts where several start at one moment. */
const attempts = 50;

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** Locks a store; gives the function that frees it. Throws one sentence that says who holds it. */
export async function lock(store: WritableStore): Promise<() => Promise<void>> {
  const { owner, end } = await owners.claim();
  const record = new TextEncoder().encode(`${JSON.stringify({ ...owner, since: clock.today() })}\n`);
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const held = await refuseLocked(store);
      const number = Math.max(0, ...held.map((one) => one.number)) + 1;
      if (!(await store.claim(lockName(number), record))) continue;
      const others = (await locks(store)).filter((one) => one.number !== number);
      const states = await Promise.all(others.map(stateOf));
      if (states.every((state) => state === "dead")) {
        for (const one of others) await store.remove(lockName(one.number));
        return async () => {
          end();
          await store.remove(lockName(number));
        };
      }
      // Two that came at one moment both step back.
      await store.remove(lockName(number));
      await pause(5 + 50 * Math.random());
    }
    throw new NeocogError(`${store.title} is wanted by several writers at once; try again.`);
  } catch (error) {
    end();
    throw error;
  }
}

async function locks(store: WritableStore): Promise<Held[]> {
  const numbers = (await store.list()).flatMap(({ name }) => name.match(/^\.neocog-lock-(\d{1,9})$/)?.[1] ?? []);
  const found = await Promise.all(numbers.map((number) => readLock(store, Number(number))));
  return found.filter((one) => one !== undefined);
}

async function readLock(store: WritableStore, number: number): Promise<Held | undefined> {
  // Between being made and being written a lock is empty for a moment.
  for (let attempt = 0; attempt < 20; attempt++) {
    const bytes = await store.read(lockName(number));
    if (!bytes) return undefined;
    try {
      const { machine, session, ...rest } = JSON.parse(new TextDecoder().decode(bytes)) as Owner;
      if (typeof machine === "string" && typeof session === "string") {
        return { number, holder: { machine, session, ...rest } };
      }
    } catch {
      // Not whole yet, or never.
    }
    await pause(10);
  }
  return { number };
}

const stateOf = async ({ holder }: Held): Promise<"alive" | "dead" | "unknown"> =>
  holder ? owners.stateOf(holder) : "dead";

/** Throws one sentence where somebody else writes, or may; gives the locks of dead writers. */
export async function refuseLocked(store: WritableStore): Promise<readonly Held[]> {
  const held = await locks(store);
  for (const one of held) {
    const state = await stateOf(one);
    if (state === "dead" || !one.holder) continue;
    const { process: pid, machine, since } = one.holder;
    const who = pid === undefined ? `a page (${machine})` : `process ${pid} on ${machine.split(" ")[0]}`;
    const mend =
      state === "alive"
        ? "wait for it, stop it, or give another name"
        : `if that no longer runs, remove ${store.path(lockName(one.number))}`;
    throw new NeocogError(`${store.title} is being written by ${who}${since ? ` since ${since}` : ""}; ${mend}.`);
  }
  return held;
}
