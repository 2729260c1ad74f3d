// Every command, in the order of the help.
import type { Command } from "../command.ts";
import { bench } from "./bench.ts";
import { convertCommand } from "./convert.ts";
import { doctor } from "./doctor.ts";
import { dump } from "./dump.ts";
import { evaluateCommand } from "./eval.ts";
import { explainCommand } from "./explain.ts";
import { inspect } from "./inspect.ts";
import { lab } from "./lab.ts";
import { predictCommand } from "./predict.ts";
import { shape } from "./shape.ts";
import { train } from "./train.ts";
import { verifyCommand } from "./verify.ts";

export const commands: readonly Command[] = [
  train,
  evaluateCommand,
  predictCommand,
  inspect,
  explainCommand,
  shape,
  lab,
  bench,
  convertCommand,
  verifyCommand,
  doctor,
  dump,
];
