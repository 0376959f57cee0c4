/** A mark in a picture that a pointer or a finger can drag; a slider beside it serves the keys. */

/**
 * @param {import("./element.js").PgElement} el
 * @param {ReturnType<typeof import("./draw.js").picture>} picture
 * @param {string} layer that holds the mark; made last, it lies on top
 * @param {(x: number, y: number) => void} move where in the picture it was dragged to
 * @returns {(x: number, y: number) => void} puts the mark at a place, in every paint
 */
export function handle(el, picture, layer, move) {
  /** @param {SVGCircleElement} grip a large circle over the mark, for fingers */
  const listen = (grip) => {
    const { signal } = el;
    let offX = 0, offY = 0; // so that the mark does not jump when it is taken
    grip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      const box = grip.getBoundingClientRect();
      offX = (box.left + box.right) / 2 - event.clientX;
      offY = (box.top + box.bottom) / 2 - event.clientY;
    }, { signal });
    grip.addEventListener("pointermove", (event) => {
      if (!grip.hasPointerCapture(event.pointerId)) return;
      const box = picture.node.getBoundingClientRect();
      move(event.clientX + offX - box.left, event.clientY + offY - box.top);
    }, { signal });
  };
  return (x, y) => {
    const group = picture.layer(layer);
    if (group.select("circle").empty()) {
      group.attr("class", "x-handle").append("circle").attr("r", 7);
      listen(/** @type {SVGCircleElement} */ (group.append("circle").attr("r", 22).node()));
    }
    group.selectAll("circle").attr("cx", x).attr("cy", y);
  };
}
