// An argument that is not understood is refused: every exported function, each of its arguments, each of a list of wrong
// values, as JavaScript would hand them. How a function is called stands in `test/calls.ts`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, calls, dataset, kinds } from "../test/calls.ts";
import { everything as door } from "../test/doors.ts";

const { NeocogError, ReLU } = door;

const wrong: readonly unknown[] = [null, undefined, Number.NaN, "x", {}, -1, 1e12, 1.5];
/** What takes no arguments of a user. */
const exempt: Readonly<Record<string, string>> = {
  NeocogError: "an error is made from a sentence, by the library",
  ShapeError: "an error is made from a sentence, by the library",
  DataError: "an error is made from a sentence, by the library",
  NeedsValueError: "an error is made from a sentence, by the library",
  fromFloat16: "one number, called for every element of a tensor",
  toFloat16: "one number, called for every element of a tensor",
  UnusedOption: "an error is made from a sentence, by the library",
  NonFiniteLoss: "an error is made from a sentence, by the library",
  nearest: "words a sentence for the mechanism itself, which stands upon it",
  Random: "a class: its constructor is tried below",
};
/** Calls a function and gives what it threw, whether at once, in a promise or at the first step of a generator. */
async function thrownBy(f: unknown, given: readonly unknown[]): Promise<unknown> {
  try {
    const answer = await (f as (...given: readonly unknown[]) => unknown)(...given);
    if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer) {
      await (answer as AsyncGenerator).next();
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Complains where a call was not refused in one sentence that names the function and the argument. */
async function refused(call: Call, given: readonly unknown[], names: readonly string[]): Promise<string | undefined> {
  const error = await thrownBy((door as Readonly<Record<string, unknown>>)[call.name], given);
  const what = `${call.name}(${given.map((value) => (typeof value === "object" && value ? "…" : String(value))).join(", ")})`;
  if (error === undefined) return `${what} is taken in silence`;
  if (!(error instanceof NeocogError)) return `${what} ends in ${String(error)}`;
  const { message } = error;
  if (!names.every((name) => message.includes(name))) return `${what} does not name ${names.join(", ")}: ${message}`;
  if (!/[.?]$/.test(message) || message.includes("\n")) return `${what}: not a sentence: ${message}`;
  return undefined;
}

const exported = Object.entries(door).filter(([, value]) => typeof value === "function");

test("every exported function has a row here, or a reason to have none", () => {
  const known = new Set([...calls.map(({ name }) => name), ...Object.keys(exempt)]);
  const names = exported.map(([name]) => name);
  assert.deepEqual(
    names.filter((name) => !known.has(name)),
    [],
  );
  assert.deepEqual(
    [...known].filter((name) => !names.includes(name)),
    [],
  );
});

test("an argument of the wrong kind is refused by every function in one sentence", async () => {
  const complaints: (string | undefined)[] = [];
  for (const call of calls) {
    for (const [place, parameter] of call.parameters.entries()) {
      const right = call.parameters.map(({ kind }) => kind.right);
      for (const value of wrong) {
        if (
          parameter.kind.also?.some(
            (one) => Object.is(one, value) || (one && typeof one === "object" && typeof value === "object" && value),
          )
        )
          continue;
        if (value === undefined && parameter.optional) continue;
        complaints.push(await refused(call, right.with(place, value), [call.name, parameter.name]));
      }
    }
  }
  assert.deepEqual(
    complaints.filter((complaint) => complaint !== undefined),
    [],
  );
});

test("one argument too many is refused by every function", async () => {
  const complaints: (string | undefined)[] = [];
  for (const call of calls) {
    const right = call.parameters.map(({ kind }) => kind.right);
    complaints.push(await refused(call, [...right, 7], [call.name, "takes"]));
  }
  assert.deepEqual(
    complaints.filter((complaint) => complaint !== undefined),
    [],
  );
});

/** Options that hold whatever the caller likes. */
const free = new Set(["preprocessing", "metadata"]);

test("unknown options, and options that are null or a symbol, are refused by every function", async () => {
  const complaints: (string | undefined)[] = [];
  let counted = 0;
  for (const call of calls) {
    const place = call.parameters.findIndex(({ kind }) => kind === kinds.options || kind === kinds.needed);
    if (place < 0) continue;
    const right = call.parameters.map(({ kind }) => kind.right);
    const unknown = right.with(place, { zzzzzzzzzzzzzzzzzzzz: 1 });
    complaints.push(await refused(call, unknown, [call.name, "zzzzzzzzzzzzzzzzzzzz"]));
    const error = await thrownBy((door as Readonly<Record<string, unknown>>)[call.name], unknown);
    const known = /its options are: ([^.]*)\./.exec(error instanceof Error ? error.message : "")?.[1].split(", ") ?? [];
    if (known.length === 0) complaints.push(`${call.name} does not list its options`);
    for (const option of known.filter((name) => !free.has(name))) {
      counted++;
      for (const value of [null, Symbol("s")]) {
        const error = await thrownBy(
          (door as Readonly<Record<string, unknown>>)[call.name],
          right.with(place, { [option]: value }),
        );
        const fine = error instanceof NeocogError;
        if (!fine) complaints.push(`${call.name}({ ${option}: ${String(value)} }): ${String(error)}`);
      }
    }
  }
  assert.ok(counted > 250, `${counted} options`);
  assert.deepEqual(
    complaints.filter((complaint) => complaint !== undefined),
    [],
  );
});

test("what training took in silence, and where it ended without a sentence", async () => {
  const model = ReLU();
  const data = { train: dataset };
  const rows: readonly (readonly [options: object, sentence: RegExp])[] = [
    [{ clip: { norm: Number.NaN } }, /fit's clip: norm must be a number above 0; it is NaN\./],
    [{ init: 5 }, /fit: init must be initialisers by name/],
    [{ dropLast: "no" }, /fit: dropLast must be true or false; it is "no"\./],
    [{ force: "x" }, /fit: force must be true or false/],
    [{ signal: {} }, /fit: signal must be a signal/],
    [{ optimizer: null }, /fit: optimizer must be a name/],
    [{ optimizer: "adm" }, /Unknown optimizer "adm"; did you mean "adam"\?/],
    [{ optimizr: "adam" }, /fit has no option "optimizr"; did you mean "optimizer"\?/],
  ];
  for (const [options, sentence] of rows) {
    const error = await thrownBy(door.fit, [model, data, options]);
    assert.ok(error instanceof NeocogError, `${Object.keys(options)}: ${String(error)}`);
    assert.match(error.message, sentence);
  }
  assert.throws(() => door.Conv2d(1e12, 3), /Conv2d: outChannels must be at most 2147483647; it is 1000000000000\./);
  for (const seed of [Number.NaN, null, "x", -1.5]) {
    assert.throws(() => new door.Random(seed as number), /Random: seed must be/);
  }
});
