// Runs the built program as a user does: a process of its own.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Told everything that is printed, as it comes; may send signals. */
  readonly watch?: (sofar: string, kill: (signal: NodeJS.Signals) => void) => void;
  readonly stdout?: number;
}

const program = fileURLToPath(new URL("./main.js", import.meta.url));

export function neocog(given: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { folder, environment, watch, stdout: target } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...given], {
      cwd: folder,
      env: { ...process.env, npm_command: undefined, NO_COLOR: "1", COLUMNS: "80", ...environment },
      stdio: ["ignore", target ?? "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    const heard = (): void => watch?.(stdout + stderr, (signal) => child.kill(signal));
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      heard();
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      heard();
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** One sentence, no stack trace. */
export const isOneSentence = (text: string): boolean => /^neocog: \S.*[.?]\n$/.test(text) && !/\n\s+at /.test(text);
