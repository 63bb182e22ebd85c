import type { APIRoute } from 'astro';

export const GET: APIRoute = ({ url }) => Response.json({ answer: 42, path: url.pathname, query: url.search });
