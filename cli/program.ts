// The frame around every command: reads the command line, runs the card, prints its answer, and turns failures into one
// sentence and an exit code. Signals and broken pipes are handled here and nowhere else.
import { constants } from "node:os";
import { Argument, Command as Commander, CommanderError, Option } from "commander";
import { NeocogError, optionInCode } from "../src/base/errors.ts";
import { UnusedOption } from "../src/base/unused.ts";
import { type Command, long, type OptionCard, UsageError } from "./command.ts";
import { createContext } from "./context.ts";
import { jsonLines, print } from "./door.ts";
import { failureOf, traceOf } from "./failure.ts";
import { pairs } from "./lines.ts";
import { paintFor } from "./paint.ts";
import { version } from "./version.ts";

/** Runs a command line and gives the exit code. */
export async function runProgram(given: readonly string[], commands: readonly Command[]): Promise<number> {
  const debug = given.includes("--debug") || Boolean(process.env.NEOCOG_DEBUG);
  const json = given.includes("--json");
  const stop = new AbortController();
  const stopped = listenForSignals(stop);
  const guard = guardStreams(stop.signal);
  let code = 0;
  let untilStopped = false;
  const program = createProgram(commands, async (card, values, options) => {
    const context = createContext(json, stop.signal);
    guard.goesOn = card.goesOn ?? false;
    untilStopped = card.untilStopped ?? false;
    const answer = await card.run(values, options, context);
    print(process.stdout, json ? jsonLines(answer.json, 2) : answer.lines());
    code = answer.code ?? 0;
  });
  try {
    if (given.length === 0) program.outputHelp();
    else await program.parseAsync(given, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (debug) print(process.stderr, traceOf(error));
    if (stop.signal.aborted && isAbort(error)) return stopped();
    const failure = failureOf(error);
    const paint = paintFor(process.stderr);
    print(process.stderr, [`${paint.bad("neocog:")} ${failure.sentence}`]);
    if (json) print(process.stdout, jsonLines({ error: failure.sentence }));
    return stop.signal.aborted ? stopped() : failure.code;
  }
  return stop.signal.aborted && !untilStopped ? stopped() : Math.max(code, guard.lost ? 1 : 0);
}

type Run = (card: Command, values: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<void>;

/** The commands as the command line knows them; what is typed is read, and handed to `run`. */
export function createProgram(commands: readonly Command[], run: Run): Commander {
  const program = new Commander("neocog")
    .description("Convolutional networks: build, train, understand and ship them.")
    .usage("<command> [options]")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .addHelpText(
      "after",
      "\nFirst steps:\n  neocog train digits        train a small network, in less than a minute\n  neocog inspect resnet18    look inside a well-known one\n  neocog <command> --help    examples of each command",
    );
  frame(program);
  program.helpCommand("help [command]", "show the help of a command").commandsGroup("Commands:");
  for (const card of commands) {
    const sub = program.command(card.name).summary(card.summary).helpGroup(`${card.group}:`);
    frame(sub);
    sub.description([`${card.summary}.`, card.about].filter(Boolean).join("\n\n"));
    for (const { name, about } of card.arguments) sub.addArgument(new Argument(name, about));
    const keys = Object.entries(card.options).map(([key, option]) => {
      const made = optionOf(option);
      sub.addOption(made);
      return [key, made.attributeName()] as const;
    });
    if (card.furtherFlags) sub.allowUnknownOption().allowExcessArguments();
    sub.option("--json", "one JSON document on standard output, words for people on standard error");
    sub.option("--debug", "show where in the program an error arose");
    sub.helpOption("-h, --help", "show this help");
    sub.addHelpText("after", examplesOf(card));
    sub.action(async () => {
      const raw = sub.opts<Record<string, unknown>>();
      try {
        await run(card, sub.args, Object.fromEntries(keys.map(([key, name]) => [key, raw[name]])));
      } catch (error) {
        throw error instanceof NeocogError ? asTyped(error, card) : error;
      }
    });
  }
  return program;
}

/** The library names its own option; a person is told what was typed. */
function asTyped(error: NeocogError, { options }: Command): Error {
  if (!error.said) return error;
  const sentence = error.said((option, value) => {
    const flag = Object.hasOwn(options, option) ? long(options[option].flags) : undefined;
    const words = typeof value === "object" ? value.join("x") : value;
    return flag ? `${flag}${words === undefined ? "" : ` ${words}`}` : optionInCode(option, value);
  });
  const kind = error instanceof UnusedOption ? UsageError : NeocogError;
  return new kind(sentence, { cause: error });
}

/** Errors are thrown to runProgram, which prints them. */
function frame(command: Commander): void {
  command.exitOverride();
  command.configureOutput({
    outputError: () => {},
    writeOut: (text) => print(process.stdout, text.replace(/\n$/, "").split("\n")),
  });
  command.configureHelp({
    helpWidth: helpWidth(),
    subcommandTerm: (sub) => [sub.name(), ...sub.registeredArguments.map(argumentTerm)].join(" "),
  });
}

function argumentTerm(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionOf({ flags, about, read, usual }: OptionCard): Option {
  const option = new Option(flags, about);
  if (usual !== undefined) option.preset(usual);
  return read ? option.argParser((value: string) => read(value)) : option;
}

function examplesOf({ name, examples }: Command): string {
  const lines = examples.map(([line, what]) => [`neocog ${`${name} ${line}`.trim()}`, what] as const);
  return `\nExamples:\n${pairs(lines, helpWidth()).join("\n")}`;
}

const helpWidth = (): number => Math.min(100, Math.max(60, process.stdout.columns ?? 80));

/** The first signal, whichever: stop when everything is whole. The second: at once. A closed terminal is told nothing. */
function listenForSignals(stop: AbortController): () => number {
  let code = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      const again = stop.signal.aborted;
      code = 128 + constants.signals[name];
      if (again) process.exit(code);
      if (name !== "SIGHUP")
        print(process.stderr, ["", "Stopping as soon as all is whole; Ctrl-C again stops at once."]);
      stop.abort();
    });
  }
  return () => code;
}

/** What becomes of a command whose words cannot be written. */
interface Guard {
  /** The command goes on: what it makes is worth more than its words. */
  goesOn: boolean;
  /** Words were lost. */
  lost: boolean;
}

/** `neocog … | head` ends quietly when head has seen enough; a full disk behind `>` is told; a closed terminal is on its way out. */
function guardStreams(stop: AbortSignal): Guard {
  const guard: Guard = { goesOn: false, lost: false };
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (stop.aborted) return;
      if (!guard.goesOn && error.code === "EPIPE") process.exit(0);
      const first = !guard.lost;
      guard.lost = true;
      process.exitCode = 1;
      if (stream === process.stdout && first) {
        const then = guard.goesOn ? " The command goes on without words, and will end with exit code 1." : "";
        print(process.stderr, [`neocog: Standard output cannot be written: ${error.message}.${then}`]);
      }
      if (!guard.goesOn) process.exit(1);
    });
  }
  return guard;
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";
