// The texts that stand out from their ground by less than 4.5 to 1, and the fields and marks by less than 3, as WCAG reckons it.
(() => {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, i) => a * value + (1 - a) * under[i]);
  const ground = (one) => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (colour, under) => {
    const [a, b] = [light(over(rgba(colour), under)), light(under)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const found = [];
  for (const one of document.querySelectorAll("input:not(.unseen), select, textarea")) {
    if (!one.checkVisibility() || one.matches("[type=checkbox], [type=radio]")) continue;
    const ratio = contrast(getComputedStyle(one).borderTopColor, ground(one.parentElement));
    if (ratio < 3) found.push(`edge of ${one.tagName}#${one.id} ${ratio.toFixed(2)}`);
  }
  for (const one of document.querySelectorAll("#marks .doubtful, #marks .weak, #marks .outside")) {
    const ratio = contrast(getComputedStyle(one).textDecorationColor, ground(one));
    if (ratio < 3) found.push(`underline of ${one.className} ${ratio.toFixed(2)}`);
  }
  for (const one of document.querySelectorAll("body *")) {
    const said = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim().length && node.data !== "\u200b");
    if (!(said || one.matches("input, textarea, select")) || !one.checkVisibility() || one.closest("svg, #marks, :disabled, .skip, .unseen")) continue;
    const behind = ground(one);
    const ratio = contrast(getComputedStyle(one).color, behind);
    if (ratio < 4.5) found.push(`${one.tagName}#${one.id}.${one.className} ${ratio.toFixed(2)}: ${one.textContent.slice(0, 30)}`);
  }
  return found;
})()
