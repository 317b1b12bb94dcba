// The camera reads one code and ends: a code that stays in the picture must not count twice. Of a GS1 code the bytes are
// taken, with GS, and the AIM identifier before them: the library's text of it is made for people.
"use strict";

const LOOK_MS = 100;
const READ = { formats: ["Code128", "DataMatrix", "QRCode", "EAN13"], maxNumberOfSymbols: 1, textMode: "Plain" };

function textOf({ contentType, symbologyIdentifier, bytes, text: plain }) {
  return contentType === "GS1" ? symbologyIdentifier + String.fromCharCode(...bytes) : plain;
}

// Returns the picture of the camera within a dialog; `take` gets the first code. It ends with the dialog.
function cameraView(dialog, take) {
  const view = make("div");
  const video = make("video");
  const note = make("p", "hint", text("scan_camera_starts"));
  video.muted = true;
  video.playsInline = true;
  view.append(video, note);
  watch(dialog, video, note).then((found) => found !== undefined && take(found),
    () => put(note, text(isSecureContext ? "scan_camera_fails" : "scan_needs_https")));
  return view;
}

async function watch(dialog, video, note) {
  ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => document.body.dataset.wasm } });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
  try {
    video.srcObject = stream;
    await video.play();
    put(note, text("scan_camera_hint"));
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const picture = canvas.getContext("2d", { willReadFrequently: true });
    while (dialog.open && video.isConnected) {
      picture.drawImage(video, 0, 0);
      const [found] = await ZXingWASM.readBarcodes(picture.getImageData(0, 0, canvas.width, canvas.height), READ);
      if (found?.isValid && dialog.open && video.isConnected) return textOf(found);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return undefined;
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
