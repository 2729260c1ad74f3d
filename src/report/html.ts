// HTML whose holes are filled with text: whatever a name holds is shown as it is written and never becomes an element, an
// attribute or a script.

/** HTML that is safe to put into a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a hole takes: HTML stays, anything else becomes text; nothing for what is not there. */
export type Part = Html | string | number | false | undefined | readonly Part[];

/** html`<b>${name}</b>` */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + filled(parts[i - 1]) + string));
}

/** HTML that was made by a library from what was escaped or is made of numbers alone. */
export const raw = (text: string): Html => new Html(text);

function filled(part: Part): string {
  if (part instanceof Html) return part.text;
  if (part === undefined || part === false) return "";
  if (typeof part === "object") return part.map(filled).join("");
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Controls, lone surrogates and what turns the direction of writing, which would show a name as another. */
const obeyed = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Text with its hidden characters spelt out. */
export const visible = (text: string): string =>
  text.replace(obeyed, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

const escaped = (text: string): string => visible(text).replace(/[&<>"']/g, (sign) => entities[sign]);
