// An empty project outside the clone with the packed package in it, and what its commands are run with.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** What users of the package build with; in the project, not in this repository. */
const tools = ["vite@^8", "esbuild@^0.28", "typescript@^7", "@types/node@^20"];

/** Packs the repository at `root` and installs the tarball; gives the project's folder. */
export function makeProject(root: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "neocog-project-")));
  const npm = (cwd: string, ...words: string[]): string =>
    execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const [{ filename }] = JSON.parse(npm(root, "pack", "--json", "--pack-destination", folder)) as {
    filename: string;
  }[];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", private: true, type: "module" }));
  npm(folder, "install", "--no-audit", "--no-fund", "--ignore-scripts", `./${filename}`, ...tools);
  rmSync(join(folder, filename));
  return folder;
}

/** The project that scripts/package.mjs made. */
export function project(): string {
  const folder = process.env.NEOCOG_PROJECT;
  if (folder === undefined) throw new Error("Run npm run test:package: it makes the project that this case looks at.");
  return folder;
}

/** The environment of a shell in the project: its programs are on the path, and nothing of npm's own is set. */
export function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST|NODE_OPTIONS)/.test(name));
  const path = [join(project(), "node_modules", ".bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(own), PATH: path, NO_COLOR: "1", COLUMNS: "100" };
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line as it is printed, in the project's folder (or one below it). */
export function shell(line: string, cwd = project()): Outcome {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", line], {
    cwd,
    encoding: "utf8",
    env: environment(),
    timeout: 600_000,
    maxBuffer: 2 ** 28,
  });
  return { code: status, stdout, stderr };
}
