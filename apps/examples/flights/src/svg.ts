/** A piece of SVG. */
export interface SvgElement {
  readonly markup: string;
}

type Attributes = Readonly<Record<string, string | number>>;

/** An element with others in it. Numbers are rounded to a tenth of a pixel. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly SvgElement[]
): SvgElement {
  const content = children.map(({ markup }) => markup).join('');
  return { markup: `<${name}${formatAttributes(attributes)}>${content}</${name}>\n` };
}

/** An element with text in it, such as `text` or `title`. */
export function textElement(name: string, attributes: Attributes, text: string): SvgElement {
  return { markup: `<${name}${formatAttributes(attributes)}>${escapeXml(text)}</${name}>\n` };
}

function formatAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(
      ([name, value]) => ` ${name}="${typeof value === 'number' ? formatNumber(value) : escapeXml(value)}"`,
    )
    .join('');
}

function formatNumber(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
