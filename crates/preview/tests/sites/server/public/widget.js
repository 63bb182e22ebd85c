import { part } from './part.js';
export const name = `widget and ${part}`;
