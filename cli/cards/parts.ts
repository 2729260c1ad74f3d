// Options of which parts of a network move: `--freeze "conv1,layer1.*"`, `--rates "fc=1,*=0.1"`.
import type { FitOptions } from "../../src/doors/neocog.ts";
import { type OptionCard, UsageError, whole } from "../command.ts";

const list = (value: string): string[] => value.split(",").map((part) => part.trim());

export const freeze: OptionCard<NonNullable<FitOptions["freeze"]>> = {
  flags: "--freeze <list>",
  about: 'parts that stay as they are, batch norms too: "conv1,layer1.*"',
  read(value) {
    const found = list(value);
    if (found.includes("")) throw new UsageError(`--freeze takes names with commas between, not "${value}".`);
    return found;
  },
};

export const rates: OptionCard<NonNullable<FitOptions["rates"]>> = {
  flags: "--rates <list>",
  about: 'how fast parts move, as shares of the rate, the first that fits: "fc=1,*=0.1"',
  read: (value) =>
    list(value).map((part) => {
      const [of, times, ...more] = part.split("=");
      if (of === "" || more.length > 0 || !(Number(times) > 0))
        throw new UsageError(`--rates takes names with numbers above 0, such as "fc=1,*=0.1", not "${part}".`);
      return { of, times: Number(times) };
    }),
};

/** What says which parts move, and how often. */
export const partOptions = {
  freeze,
  rates,
  unfreeze: whole("--unfreeze <epochs>", "start with the head, and open one more part every so many epochs"),
  accumulate: whole(
    "--accumulate <n>",
    "batches whose gradients are summed for one step: a large batch in little memory",
  ),
};
