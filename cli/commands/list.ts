// Every command, in the order of the help.
import type { Command } from "../command.ts";
import { doctor } from "./doctor.ts";
import { dump } from "./dump.ts";
import { inspect } from "./inspect.ts";
import { shape } from "./shape.ts";

export const commands: readonly Command[] = [inspect, shape, doctor, dump];
