/**
 * The daemon's program. Node opens a debugger on SIGUSR1 unless somebody else wants the signal, so
 * that comes BEFORE anything else is even loaded.
 */

for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined);

const {boot} = await import('./boot.ts');
await boot();
