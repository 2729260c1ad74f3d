// The lab in code: claims of the theory as experiments with numbers to turn. This one learns an edge kernel from one picture by
// gradient descent; the loss falls as the formula says, faster with a larger learning rate, until that is too large.
import { NeocogError } from "neocog";
import { findExhibit, openLab } from "neocog/lab";

const { title, claim, parameters } = findExhibit("kernel-learning");
console.log(`${title}. ${claim}`);
for (const [name, { about }] of Object.entries(parameters)) console.log(`  ${name}: ${about}`);

const lab = await openLab();
for (const rate of [0.003, 0.01, 0.03, 0.3]) {
  try {
    const { parts, checks, verdict } = await lab.run("kernel-learning", { rate, steps: 20 });
    const losses = parts.find((part) => part.kind === "curve")!.series[0].points.map(([, loss]) => loss);
    const held = checks.filter(({ holds }) => holds).length;
    console.log(
      `rate ${rate}: loss ${losses[0]} → ${losses[19].toPrecision(3)}; ${held} of ${checks.length} checks hold`,
    );
    if (!verdict) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof NeocogError)) throw error;
    console.log(error.message); // A value out of its range is refused with the range.
  }
}
await lab.close();
