// From whatever was thrown to one sentence and an exit code.
//   0 done   1 it failed   2 the command line cannot be   130 stopped by Ctrl-C (128 + the signal's number)
import { CommanderError } from "commander";
import { NeocogError } from "../src/base/errors.ts";
import { UsageError } from "./command.ts";

export interface Failure {
  readonly sentence: string;
  readonly code: number;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { sentence: error.message, code: 2 };
  if (error instanceof CommanderError) return { sentence: commanderSentence(error.message), code: 2 };
  if (error instanceof NeocogError) return { sentence: error.message, code: 1 };
  if (error instanceof Error && "syscall" in error) return { sentence: `${error.message}.`, code: 1 };
  const message = error instanceof Error ? error.message : String(error);
  return {
    sentence: `This is a fault of neocog itself: ${message.replace(/\.$/, "")}. Run it again with --debug to see where.`,
    code: 1,
  };
}

/** `error: unknown option '--epoch'\n(Did you mean --epochs?)` as a sentence. */
function commanderSentence(message: string): string {
  const [, first, near] = /^(?:error: )?(.*?)(?:\n\(Did you mean (.*)\?\))?$/s.exec(message) ?? ["", message];
  const told = first.charAt(0).toUpperCase() + first.slice(1).replace(/\.$/, "");
  return near ? `${told}; did you mean ${near}?` : `${told}; --help shows how it is used.`;
}

/** Where an error arose, and those that led to it: the words of each are one line, its places a line each. */
export function traceOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const { name, message, stack = "", cause } = error;
  // The words stand before the places, and may look like some.
  const lines = stack
    .slice(stack.indexOf(message) + message.length)
    .split("\n")
    .filter((line) => /^ +at /.test(line));
  const before = cause === undefined ? [] : traceOf(cause);
  return [`${name}: ${message}`, ...lines, ...before.map((line, i) => (i === 0 ? `caused by ${line}` : line))];
}
