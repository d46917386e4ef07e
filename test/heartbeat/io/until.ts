/** What callbacks said so far, and a wait for what they have yet to say. */

const deadlineMs = 15_000;
const stepMs = 5;

/** Resolves when the condition holds; fails with its name long after it should have. */
export async function until(name: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain: ${name}`);
    await new Promise((resolve) => {
      setTimeout(resolve, stepMs);
    });
  }
}
