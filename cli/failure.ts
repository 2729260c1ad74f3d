// From whatever was thrown to one sentence and an exit code.
//   0 done   1 it failed   2 the command line cannot be   130 stopped by Ctrl-C (128 + the signal's number)
import { CommanderError } from "commander";
import { NeocogError } from "../src/index.ts";
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
  const [first, hint] = message.replace(/^error: /, "").split("\n");
  const told = first.charAt(0).toUpperCase() + first.slice(1).replace(/\.$/, "");
  const near = hint?.match(/^\(Did you mean (.*)\?\)$/)?.[1];
  return near ? `${told}; did you mean ${near}?` : `${told}; --help shows how it is used.`;
}
