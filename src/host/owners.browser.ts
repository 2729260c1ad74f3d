// Who writes, in a browser: a page, known by a lock that the browser frees when the page is gone.
import type { Owner, Owners } from "./host.ts";

const nameOf = ({ session }: Owner): string => `neocog ${session}`;

/** Pages of one origin see each other's locks, and no others. */
const machine = (): string => `browser at ${globalThis.location?.origin ?? "an unknown place"}`;

export const owners: Owners = {
  async claim() {
    const owner: Owner = { machine: machine(), session: crypto.getRandomValues(new Uint32Array(3)).join("-") };
    let end = (): void => {};
    if (!navigator.locks) return { owner, end };
    await new Promise<void>((ready, failed) => {
      const hold = (): Promise<void> =>
        new Promise((resolve) => {
          end = resolve;
          ready();
        });
      navigator.locks.request(nameOf(owner), hold).catch(failed);
    });
    return { owner, end: () => end() };
  },
  async stateOf(owner) {
    if (owner.machine !== machine() || !navigator.locks) return "unknown";
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === nameOf(owner)) ? "alive" : "dead";
  },
};
