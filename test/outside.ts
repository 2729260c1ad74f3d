// All that tests look for outside the project: oracles, peers and data that a system may have. One list, so that each can be
// hidden: a machine with only Node and npm has none of it, and every test must pass or say what is missing there
// (`node scripts/bare.mjs npm test`).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

export const outside = {
  chromium: { path: process.env.NEOCOG_CHROMIUM ?? "/usr/bin/chromium", what: "Chromium (Debian: chromium)" },
  python: { path: "/usr/bin/python3", what: "Python (Debian: python3)" },
  onnxTestData: {
    path: "/usr/share/libonnx-testdata/data",
    what: "ONNX's conformance cases (Debian: libonnx-testdata)",
  },
  fashionMnist: {
    path: "/usr/share/datasets/fashion-mnist",
    what: "Fashion-MNIST (Debian: dataset-fashion-mnist)",
  },
} as const;

export type Outside = keyof typeof outside;

/** Where it is; undefined where it is not, or where all is hidden (NEOCOG_BARE). */
export function find(name: Outside): string | undefined {
  const { path } = outside[name];
  return process.env.NEOCOG_BARE === undefined && existsSync(path) ? path : undefined;
}

/** Why a test that needs it is skipped; false where it is there. */
export function missing(name: Outside): string | false {
  return find(name) === undefined ? `missing: ${outside[name].what}` : false;
}

/** Why a test that needs these modules of Python is skipped; false where they are there. */
export function missingInPython(...modules: readonly string[]): string | false {
  const python = find("python");
  if (python === undefined) return missing("python");
  const absent = modules.filter((module) => spawnSync(python, ["-c", `import ${module}`]).status !== 0);
  return absent.length > 0 && `missing: ${absent.map((module) => `python3-${module}`).join(", ")}`;
}
