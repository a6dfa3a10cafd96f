// Builds the console into ../build/console, which the server embeds.
import react from '@vitejs/plugin-react';
import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

// Colours of our own drawings, taken from Cloudscape's tokens. Its own variables have names that differ between its
// packages, so they cannot be used by name: docs/adr has the story.
const COLOURS: Record<string, string> = {
  'tide-writes': 'color-charts-blue-1-400',
  'tide-deletes': 'color-charts-red-500',
  'tide-recovery': 'color-charts-palette-categorical-1',
  'tide-backups': 'color-charts-palette-categorical-3',
  'tide-cold': 'color-charts-palette-categorical-4',
  'tide-once': 'color-charts-palette-categorical-5',
  'tide-outside': 'color-background-control-disabled',
  'tide-axis': 'color-text-body-secondary',
  'tide-line': 'color-border-divider-default',
  'tide-marker': 'color-text-accent',
  'tide-ground': 'color-background-container-content',
  'tide-text': 'color-text-body-default',
};

function themeColours(): Plugin {
  const id = 'virtual:theme.css';
  const file = new URL('./node_modules/@cloudscape-design/design-tokens/index-visual-refresh.json', import.meta.url);
  return {
    name: 'theme-colours',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load(source) {
      if (source !== `\0${id}`) return null;
      const { tokens } = JSON.parse(readFileSync(file, 'utf8'));
      const values = (mode: 'light' | 'dark') =>
        Object.entries(COLOURS)
          .map(([name, token]) => {
            const value = tokens[token]?.$value?.[mode];
            if (!value) throw new Error(`Cloudscape has no token ${token}`);
            return `--${name}:${value};`;
          })
          .join('');
      return `:root{${values('light')}}.awsui-dark-mode{${values('dark')}}`;
    },
  };
}

export default defineConfig({
  base: '/console/',
  plugins: [react(), themeColours()],
  build: {
    target: 'es2022',
    outDir: '../build/console',
    emptyOutDir: true,
    // The content security policy allows no data: scripts, and fonts are files of their own.
    assetsInlineLimit: 0,
    cssCodeSplit: false, // most of it is needed by the first pages
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4096, // scripts/budgets.mjs is what counts
  },
});
