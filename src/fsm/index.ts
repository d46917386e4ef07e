/** The service machine and its words. */
export * from './service-machine.ts';
export * from './types.ts';
