#!/usr/bin/env node
// The program `neocog`. Everything it can do is a row of commands/list.ts; see program.ts for how a row becomes a command.
import { commands } from "./commands/list.ts";
import { runProgram } from "./program.ts";

process.exitCode = await runProgram(process.argv.slice(2), commands);
