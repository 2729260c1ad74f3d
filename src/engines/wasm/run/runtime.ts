// The part of every module that is the same: it walks the program's records, shares their items among the threads, and keeps
// phases apart by barriers. A program is plain numbers in memory, one record per phase:
//
//   +0 place in the function table   +4 items   +8 grain   +12 flags   +16 address of the arguments   +20 next free item
//   +24 first item (not 0 while a long phase is run in pieces)
//
// main(thread, threads, start, end, resumed) gives -1 when done, -2 when another thread failed, else the record that it still
// waits at: nothing happened for a second, the caller may look whether the others are alive and call again with resumed = 1.
import {
  atomic,
  type Callable,
  call,
  choose,
  constI32,
  constI64,
  i32,
  load,
  type Operand,
  type ValueType,
} from "../code/assembler.ts";
import type { ModuleBuilder } from "../code/module.ts";

export const recordBytes = 64;
export const barrierFlag = 1;
export const soloFlag = 2;
/** The first phase that writes a variable: nobody goes on to it after a refusal. */
export const commitFlag = 4;

/**
 * Words that threads meet at, a cache line each; then for every thread the generation that it noted, and its patience; then
 * whether an index was refused.
 */
export const control = {
  arrived: 0,
  generation: 64,
  sleepers: 128,
  abort: 192,
  threads: 256,
  patience: 512,
  refused: 768,
  end: 832,
} as const;
/** A thread's scratch begins with its first refusal: the address of the phase's arguments, the place, the index. */
export const refusalBytes = 64;
export const maximumThreads = (control.patience - control.threads) / 4;
/**
 * A thread whose looks were in vain looks half as often next time, but so often at least: about 16 µs, longer than threads usually
 * wait for each other. With fewer, every wait would be in vain, and a thread that once lost its patience would never find it again.
 */
const fewestSpins = 16_000;

export const phaseParameters: readonly ValueType[] = ["i32", "i32", "i32", "i32"];

export interface RuntimeOptions {
  readonly shared: boolean;
  /** Whether some phase may refuse an index. */
  readonly refuses: boolean;
  readonly recordsAddress: number;
  readonly threadScratchAddress: number;
  readonly threadScratchBytes: number;
  /** How often a waiting thread looks before it sleeps, at most. */
  readonly spins: number;
  /** Notes for every thread and record when it came, began and ended: three numbers of 8 bytes each from this address on. */
  readonly trace?: { readonly address: number; readonly records: number; readonly now: Callable };
}

export function addRuntime(module: ModuleBuilder, options: RuntimeOptions): void {
  const wait = options.shared ? addWait(module, options.spins) : undefined;
  addMain(module, options, wait);
  addReset(module, options);
}

/** wait(thread): until the generation differs from the one noted when the thread arrived; 1 when it does, 0 after a second. */
function addWait(module: ModuleBuilder, spins: number): Callable {
  // A function of its own: in Node 20 the baseline compiler loses locals that live across a wait in a loop.
  const sleep = module.function("sleep", ["i32"], "i32");
  sleep.return(atomic("memory.atomic.wait32", control.generation, [sleep.parameters[0], constI64(100_000_000n)]));
  const f = module.function("wait", ["i32"], "i32");
  const noted = f.define(load("i32.load", i32.shl(f.parameters[0], 2), control.threads));
  const moved = () => i32.ne(atomic("i32.atomic.load", control.generation), noted);
  // Patience: twice as many looks after a wait that ended in time, half as many after one that did not, so that threads
  // which share a core with something else soon give it up instead of burning its time.
  const patience = f.define(i32.shl(f.parameters[0], 2));
  const looks = f.define(load("i32.load", patience, control.patience));
  f.if(i32.eqz(looks), () => f.set(looks, spins));
  const i = f.local("i32");
  f.forRange(i, 0, looks, 1, () =>
    f.if(moved(), () => {
      f.set(looks, i32.shl(looks, 1));
      f.store("i32.store", patience, choose(i32.lt_s(looks, spins), looks, constI32(spins)), control.patience);
      f.return(1);
    }),
  );
  f.set(looks, i32.shr_u(looks, 1));
  const least = Math.min(spins, fewestSpins);
  f.store("i32.store", patience, choose(i32.gt_s(looks, least), looks, constI32(least)), control.patience);
  f.drop(atomic("i32.atomic.rmw.add", control.sleepers, [1]));
  const result = f.local("i32");
  const tries = f.local("i32");
  f.block((leave) => {
    f.loop((again) => {
      f.call(sleep, noted);
      f.set(result, moved());
      f.branchIf(leave, result);
      f.increase(tries, 1);
      f.branchIf(again, i32.lt_s(tries, 10));
    });
  });
  f.drop(atomic("i32.atomic.rmw.sub", control.sleepers, [1]));
  f.return(result);
  return f;
}

function addMain(module: ModuleBuilder, options: RuntimeOptions, wait: Callable | undefined): void {
  const { recordsAddress, threadScratchAddress, threadScratchBytes } = options;
  const f = module.function("main", ["i32", "i32", "i32", "i32", "i32"], "i32");
  const [thread, threads, place, end, resumed] = f.parameters;
  const signature = module.signature(phaseParameters, undefined);
  const scratch = f.define(i32.add(threadScratchAddress, i32.mul(thread, threadScratchBytes)));
  const record = f.define(i32.add(recordsAddress, i32.mul(place, recordBytes)));
  const flags = f.local("i32");
  const items = f.local("i32");
  const first = f.local("i32");
  const grain = f.local("i32");
  const { trace } = options;
  const note = (word: number): void => {
    if (!trace) return;
    const at = i32.add(trace.address, i32.mul(i32.add(i32.mul(thread, trace.records), place), 24));
    f.if(i32.lt_s(place, end), () => f.store("f64.store", at, call(trace.now), word * 8));
  };
  const invoke = (from: Operand, to: Operand): void =>
    f.callIndirect(signature, phaseParameters, load("i32.load", record), [
      from,
      to,
      load("i32.load", record, 16),
      scratch,
    ]);

  /** All threads arrive; the last one starts the next generation. */
  const barrier = (callee: Callable): void => {
    f.if(i32.eqz(resumed), () => {
      f.store("i32.store", i32.shl(thread, 2), atomic("i32.atomic.load", control.generation), control.threads);
      f.if(i32.eq(atomic("i32.atomic.rmw.add", control.arrived, [1]), i32.sub(threads, 1)), () => {
        f.store("i32.atomic.store", control.arrived, 0);
        f.drop(atomic("i32.atomic.rmw.add", control.generation, [1]));
        f.if(atomic("i32.atomic.load", control.sleepers), () => {
          f.drop(atomic("memory.atomic.notify", control.generation, [maximumThreads]));
        });
      });
    });
    f.set(resumed, 0);
    f.if(i32.eqz(call(callee, thread)), () => {
      f.return(choose(atomic("i32.atomic.load", control.abort), constI32(-2), place));
    });
    f.if(atomic("i32.atomic.load", control.abort), () => f.return(-2));
  };
  f.loop((again) => {
    note(0);
    f.set(flags, choose(i32.lt_s(place, end), load("i32.load", record, 12), constI32(barrierFlag)));
    if (wait) f.if(i32.and(i32.gt_s(threads, 1), i32.and(flags, barrierFlag)), () => barrier(wait));
    f.if(i32.ge_s(place, end), () => f.return(-1));
    if (options.refuses) {
      const refused = load("i32.load", 0, control.refused);
      f.if(i32.and(i32.shr_u(flags, 2), refused), () => f.return(-1));
    }
    note(1);
    f.set(items, load("i32.load", record, 4));
    f.if(
      i32.or(i32.eq(threads, 1), i32.and(flags, soloFlag)),
      () => f.if(i32.eqz(thread), () => invoke(load("i32.load", record, 24), items)),
      () => {
        f.set(grain, load("i32.load", record, 8));
        f.block((leave) => {
          f.loop((more) => {
            if (options.shared) f.set(first, atomic("i32.atomic.rmw.add", record, [grain], 20));
            f.branchIf(leave, i32.ge_s(first, items));
            const to = f.define(i32.add(first, grain));
            invoke(first, choose(i32.lt_s(to, items), to, items));
            f.branch(more);
          });
        });
      },
    );
    note(2);
    f.increase(place, 1);
    f.increase(record, recordBytes);
    f.branch(again);
  });
  f.return(-1);
  module.export(f, "main");
}

/** reset(start, end): no item of these records is taken yet, from their first on. */
function addReset(module: ModuleBuilder, { recordsAddress }: RuntimeOptions): void {
  const f = module.function("reset", ["i32", "i32"]);
  const [place, end] = f.parameters;
  const i = f.local("i32");
  f.forRange(i, place, end, 1, () => {
    const record = f.define(i32.add(recordsAddress, i32.mul(i, recordBytes)));
    f.store("i32.store", record, load("i32.load", record, 24), 20);
  });
  module.export(f, "reset");
}
