// A training that is to be killed: into the folder that is named, going on from what lies there.
import { checkOutput, fit, openCheckpoint, openEngine } from "../src/doors/neocog.ts";
import { killedData, killedModel, killedOptions } from "./kills-run.ts";

const [out, epochs] = process.argv.slice(2);
const resume = (await checkOutput(out)) === "model" ? await openCheckpoint(out) : undefined;
const engine = await openEngine("auto", { threads: 1 });
for await (const event of fit(killedModel(), killedData, { ...killedOptions(Number(epochs)), engine, out, resume })) {
  if (event.kind === "started") console.log("started");
  if (event.kind === "finished") console.log(event.weightsHash);
}
await engine.close();
