// Package escl scans with driverless network scanners: the [scan.Scanner] of
// devices that speak eSCL, which is also sold as AirScan (Mopria Alliance, eSCL
// Technical Specification). It is plain HTTP and XML and needs no driver.
//
// A scan is a job: the settings are posted to ScanJobs, images are fetched from
// the job's NextDocument until the device answers 404, and a job that is given up
// is deleted, so that the device does not go on feeding paper for nobody.
//
// A job is on record in a file while it runs (Config.Jobs). Who is killed leaves it at the
// device, which stays busy with it; the next scan deletes it. What lay in the feeder may
// have gone through: the next run of the feeder ends before it begins, once, with
// [scan.ErrCutOff], so that the operator looks which sheet comes next.
//
// Words: the root is the address that all resources lie below
// ("http://10.0.0.7/eSCL"); an input is what paper lies in (Platen, ADF, ADF
// duplex), with its own capabilities; a profile is one of the combinations of
// settings that an input takes (SettingProfile); lengths are in 1/300 inch inside and
// in millimetres outside.
//
// Masters are lossless where the device lets them be. Its TIFF is kept byte for byte;
// PNG and raw samples are written as TIFF with the same samples. A device that
// offers nothing but JPEG loses before we see the image: its own bytes are kept, since
// coding them anew could only lose more, and the origin says so. A device that gives
// nothing but PDF is refused. An image that did not arrive whole never becomes a
// sheet.
//
// Devices sign their certificates themselves. The first certificate that a device
// shows is trusted and remembered by its public key, as SSH does it; a different one
// later is [scan.ErrUntrusted] and nothing is sent. Certificates that the system
// trusts need no remembering.
//
// The package runs nothing in the background once its methods have returned, decodes
// no JPEG and knows nothing of masters or batches.
package escl
