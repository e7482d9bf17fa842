package markup

import (
	xlanguage "golang.org/x/text/language"

	"recto/ocr"
)

// tongue is a language and a script in the words of the PAGE schema
// (LanguageSimpleType, ScriptSimpleType); "" where nothing is known.
type tongue struct{ language, script string }

// other is the schema's word for what it has no value for.
const other = "other"

// speech is what a Tesseract name says.
func speech(name string) tongue {
	if name == "" {
		return tongue{}
	}
	tag, err := xlanguage.Parse(ocr.BCP47(name))
	if err != nil {
		return tongue{}
	}
	var t tongue
	base, _ := tag.Base()
	if tag == xlanguage.Und {
		return t
	}
	if b, confidence := tag.Base(); confidence == xlanguage.Exact { // guessed from the script otherwise
		if t.language = pageLanguages[b.String()]; t.language == "" && base.String() != "und" {
			t.language = other
		}
	}
	if s, confidence := tag.Script(); confidence >= xlanguage.High {
		if t.script = pageScripts[s.String()]; t.script == "" {
			t.script = other
		}
	}
	return t
}

// then is what holds for a part that says this of itself.
func (t tongue) then(part tongue) tongue {
	if part.language != "" {
		t.language = part.language
	}
	if part.script != "" {
		t.script = part.script
	}
	return t
}

// differs gives what must be said because what is around says otherwise.
func (t tongue) differs(around tongue) (language, script string) {
	if t.language != around.language {
		language = t.language
	}
	if t.script != around.script {
		script = t.script
	}
	return language, script
}

// pageLanguages are the values of LanguageSimpleType by ISO 639-1 code, or 639-3 where
// there is none.
var pageLanguages = map[string]string{
	"aa": "Afar", "ab": "Abkhaz", "ae": "Avestan", "af": "Afrikaans", "ak": "Akan", "am": "Amharic",
	"an": "Aragonese", "ar": "Arabic", "as": "Assamese", "av": "Avaric", "ay": "Aymara", "az": "Azerbaijani",
	"ba": "Bashkir", "be": "Belarusian", "bg": "Bulgarian", "bh": "Bihari", "bi": "Bislama", "bm": "Bambara",
	"bn": "Bengali", "bo": "Tibetan", "br": "Breton", "bs": "Bosnian", "ca": "Catalan", "ce": "Chechen",
	"ch": "Chamorro", "co": "Corsican", "cr": "Cree", "cs": "Czech", "cu": "Old Church Slavonic", "cv": "Chuvash",
	"cy": "Welsh", "da": "Danish", "de": "German", "dv": "Divehi", "dz": "Dzongkha", "ee": "Ewe", "el": "Greek",
	"en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
	"ff": "Fula", "fi": "Finnish", "fj": "Fijian", "fo": "Faroese", "fr": "French", "fy": "Western Frisian",
	"ga": "Irish", "gd": "Gaelic", "gl": "Galician", "gn": "Guaraní", "gu": "Gujarati", "gv": "Manx",
	"ha": "Hausa", "he": "Hebrew", "hi": "Hindi", "ho": "Hiri Motu", "hr": "Croatian", "ht": "Haitian",
	"hu": "Hungarian", "hy": "Armenian", "hz": "Herero", "ia": "Interlingua", "id": "Indonesian",
	"ie": "Interlingue", "ig": "Igbo", "ii": "Nuosu", "ik": "Inupiaq", "io": "Ido", "is": "Icelandic",
	"it": "Italian", "iu": "Inuktitut", "ja": "Japanese", "jv": "Javanese", "ka": "Georgian", "kg": "Kongo",
	"ki": "Kikuyu", "kj": "Kwanyama", "kk": "Kazakh", "kl": "Kalaallisut", "km": "Khmer", "kn": "Kannada",
	"ko": "Korean", "kr": "Kanuri", "ks": "Kashmiri", "ku": "Kurdish", "kmr": "Kurdish", "kv": "Komi",
	"kw": "Cornish", "ky": "Kyrgyz", "la": "Latin", "lb": "Luxembourgish", "lg": "Ganda", "li": "Limburgish",
	"ln": "Lingala", "lo": "Lao", "lt": "Lithuanian", "lu": "Luba-Katanga", "lv": "Latvian", "mg": "Malagasy",
	"mh": "Marshallese", "mi": "Māori", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
	"ms": "Malay", "mt": "Maltese", "my": "Burmese", "na": "Nauru", "nb": "Norwegian Bokmål",
	"nd": "North Ndebele", "ne": "Nepali", "ng": "Ndonga", "nl": "Dutch", "nn": "Norwegian Nynorsk",
	"no": "Norwegian", "nr": "South Ndebele", "nv": "Navajo", "ny": "Chichewa", "oc": "Occitan", "oj": "Ojibwe",
	"om": "Oromo", "or": "Oriya", "os": "Ossetian", "pa": "Punjabi", "pi": "Pāli", "pl": "Polish",
	"ps": "Pashto", "pt": "Portuguese", "qu": "Quechua", "rm": "Romansh", "rn": "Kirundi", "ro": "Romanian",
	"ru": "Russian", "rw": "Kinyarwanda", "sa": "Sanskrit", "sc": "Sardinian", "sd": "Sindhi",
	"se": "Northern Sami", "sg": "Sango", "si": "Sinhala", "sk": "Slovak", "sl": "Slovene", "sm": "Samoan",
	"sn": "Shona", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "ss": "Swati", "st": "Southern Sotho",
	"su": "Sundanese", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "tg": "Tajik",
	"th": "Thai", "ti": "Tigrinya", "tk": "Turkmen", "fil": "Tagalog", "tl": "Tagalog", "tn": "Tswana", "to": "Tonga", "tr": "Turkish",
	"ts": "Tsonga", "tt": "Tatar", "tw": "Twi", "ty": "Tahitian", "ug": "Uighur", "uk": "Ukrainian",
	"ur": "Urdu", "uz": "Uzbek", "ve": "Venda", "vi": "Vietnamese", "vo": "Volapük", "wa": "Walloon",
	"wo": "Wolof", "xh": "Xhosa", "yi": "Yiddish", "yo": "Yoruba", "yue": "Cantonese", "za": "Zhuang",
	"zh": "Chinese", "zu": "Zulu",
}

// pageScripts are the values of ScriptSimpleType by ISO 15924 code, those that
// Tesseract has models for.
var pageScripts = map[string]string{
	"Arab": "Arab - Arabic",
	"Armn": "Armn - Armenian",
	"Beng": "Beng - Bengali",
	"Cans": "Cans - Unified Canadian Aboriginal Syllabics",
	"Cher": "Cher - Cherokee",
	"Cyrl": "Cyrl - Cyrillic",
	"Deva": "Deva - Devanagari (Nagari)",
	"Ethi": "Ethi - Ethiopic",
	"Geor": "Geor - Georgian (Mkhedruli)",
	"Grek": "Grek - Greek",
	"Gujr": "Gujr - Gujarati",
	"Guru": "Guru - Gurmukhi",
	"Hang": "Hang - Hangul",
	"Hans": "Hans - Han (Simplified variant)",
	"Hant": "Hant - Han (Traditional variant)",
	"Hebr": "Hebr - Hebrew",
	"Jpan": "Jpan - Japanese",
	"Khmr": "Khmr - Khmer",
	"Knda": "Knda - Kannada",
	"Kore": "Kore - Korean (alias for Hangul + Han)",
	"Laoo": "Laoo - Lao",
	"Latf": "Latf - Latin (Fraktur variant)",
	"Latn": "Latn - Latin",
	"Mlym": "Mlym - Malayalam",
	"Mong": "Mong - Mongolian",
	"Mymr": "Mymr - Myanmar (Burmese)",
	"Orya": "Orya - Oriya",
	"Sinh": "Sinh - Sinhala",
	"Syrc": "Syrc - Syriac",
	"Taml": "Taml - Tamil",
	"Telu": "Telu - Telugu",
	"Thaa": "Thaa - Thaana",
	"Thai": "Thai - Thai",
	"Tibt": "Tibt - Tibetan",
}
