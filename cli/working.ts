// That something goes on, in work that may take long: a bar on a terminal, elsewhere one line once it has taken longer than a
// blink. The work ends at the next step once the command is told to stop.
import { drawBar, openBar } from "./bar.ts";
import type { Context } from "./context.ts";

const blink = 2000;

/** Tells the share that is done, and what is done now. */
export type Progress = (share: number, now?: string) => void;

/** `what`: as in "Comparing resnet18 …". */
export async function working<T>(what: string, context: Context, use: (progress: Progress) => Promise<T>): Promise<T> {
  const { signal, terminal } = context;
  const began = Date.now();
  let said = what;
  let told = terminal;
  const tell = (): void => {
    if (told) return;
    told = true;
    context.say(`${said} …`);
  };
  const bar = openBar(context, (share) => `${said}  ${drawBar(share, 24, context)}`);
  const later = setTimeout(tell, blink);
  try {
    signal.throwIfAborted();
    const made = await use((share, now) => {
      signal.throwIfAborted();
      if (now !== undefined) said = `${what}: ${now}`;
      bar.update(share);
      // Work that never rests lets no timer run.
      if (Date.now() - began > blink) tell();
    });
    signal.throwIfAborted();
    return made;
  } finally {
    clearTimeout(later);
    bar.stop();
  }
}
