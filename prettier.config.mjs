/** How every file of the tree is formatted; `npm run format` applies it, `npm run check` verifies it. */
export default {
  printWidth: 120,
  singleQuote: true,
  trailingComma: 'all',
  arrowParens: 'always',
};
