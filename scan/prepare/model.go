package prepare

import "image/color"

var imageGray = color.GrayModel
