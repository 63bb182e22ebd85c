import type { APIRoute } from 'astro';

export const GET: APIRoute = () =>
  new Response('data: tick\n\n', { headers: { 'content-type': 'text/event-stream' } });
