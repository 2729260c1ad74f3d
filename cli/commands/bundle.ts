// `neocog bundle runs/digits`: a trained model as one ES module, its types beside it.
import { files } from "#host";
import { bytes } from "../../src/base/amounts.ts";
import { bundle } from "../../src/doors/bundle.ts";
import { NeocogError } from "../../src/doors/neocog.ts";
import type { bundleCard } from "../cards/bundle.ts";
import { type Run, UsageError } from "../command.ts";
import { openPictureModel, servedName } from "../model.ts";
import { viewOf } from "../tasks/list.ts";
import { working } from "../working.ts";

export const run: Run<typeof bundleCard> = async ([given], options, context) => {
  const { out, half = false, plain = false, force = false, ...form } = options;
  const name = servedName(given);
  const file = out ?? `${name}.mjs`;
  const types = typesOf(file);
  for (const path of force ? [] : [file, types]) {
    if ((await files.kindOf(path)) === undefined) continue;
    throw new NeocogError(`${path} exists; replace it with --force, or give another name with --out.`);
  }
  const trained = await openPictureModel(given, form, context);
  const made = await working(`Bundling ${given}`, context, () => bundle(trained, { half, plain, name }));
  await files.writeFileAtomic(types, made.types);
  await files.writeFileAtomic(file, made.module);
  const content = new TextEncoder().encode(made.module);
  const size = { bytes: content.length, gzip: (await files.gzip(content)).length };
  return {
    json: { model: given, file, types, ...size },
    lines: () => [
      `${context.paint.title(file)}  ${bytes(size.bytes)}, ${bytes(size.gzip)} with gzip; its types in ${types}`,
      "",
      `  import { predict } from "./${files.baseName(file)}";`,
      `  const ${viewOf(trained.task).taken} = await predict(picture);`,
    ],
  };
};

function typesOf(file: string): string {
  const found = /\.(m?)js$/.exec(file);
  if (!found) throw new UsageError(`--out is a name that ends in .mjs or .js, not ${file}.`);
  return `${file.slice(0, -found[0].length)}.d.${found[1]}ts`;
}
