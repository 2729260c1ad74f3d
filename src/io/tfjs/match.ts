// Telling models of TensorFlow.js from other files.

/** Whether bytes look like a model.json of TensorFlow.js: a JSON object that names its topology or its weights. */
export function match(bytes: Uint8Array): boolean {
  const first = bytes.findIndex((byte) => byte > 0x20 && byte < 0x80);
  if (bytes[first] !== 0x7b) return false;
  const has = (word: string): boolean => includes(bytes, new TextEncoder().encode(`"${word}"`));
  return has("weightsManifest") && has("modelTopology");
}

function includes(bytes: Uint8Array, word: Uint8Array): boolean {
  for (let i = bytes.indexOf(word[0]); i >= 0; i = bytes.indexOf(word[0], i + 1)) {
    let k = 1;
    while (k < word.length && bytes[i + k] === word[k]) k++;
    if (k === word.length) return true;
  }
  return false;
}
