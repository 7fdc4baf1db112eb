/**
 * The colours of properties as they are in force on an element: a property that
 * says one colour for light and one for dark is resolved only where it is used.
 */
export function coloursOf(element: Element, properties: readonly string[]): readonly string[] {
  const probe = document.createElement("span");
  probe.hidden = true;
  (element.parentElement ?? document.body).append(probe);
  const colours = properties.map((property) => {
    probe.style.color = `var(${property})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return colours;
}
