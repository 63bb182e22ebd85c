import { defineConfig, fontProviders } from 'astro/config';

export default defineConfig({
  base: '/docs',
  i18n: {
    defaultLocale: 'en',
    locales: ['en', 'de'],
    routing: { prefixDefaultLocale: true, redirectToDefaultLocale: true },
  },
  redirects: { '/old': '/docs/en/guide' },
  fonts: [
    {
      name: 'Pacifico',
      cssVariable: '--font-title',
      provider: fontProviders.local(),
      options: {
        variants: [
          { weight: 400, style: 'normal', src: ['@fontsource/pacifico/files/pacifico-latin-400-normal.woff2'] },
        ],
      },
    },
  ],
});
