package ocr

import (
	"strings"

	"github.com/abadojack/whatlanggo"
)

// tongue is a language in Latin letters that can be told from others by its small words.
type tongue struct {
	name  string
	heard []whatlanggo.Lang // what its sequences of three letters are taken for
	like  []string          // languages that share most of its small words
	words string            // the commonest ones that carry no meaning of their own, as they are printed
}

// small are the languages that [Text.Suggest] knows, by the name of their model. Latin has
// no profile among the sequences of letters: it is taken for one of its daughters.
var small = map[string]tongue{
	"ces": {"Czech", []whatlanggo.Lang{whatlanggo.Ces}, nil, "a se v na je že o z do to s i k by ve pro za po ale jako si tak co od jsem které jeho byl podle"},
	"dan": {"Danish", []whatlanggo.Lang{whatlanggo.Dan, whatlanggo.Nob, whatlanggo.Nno}, []string{"nor", "swe"}, "og i at det en den til er som på de med han af for ikke der var et har om sig men fra jeg eller ved efter blev af"},
	"deu": {"German", []whatlanggo.Lang{whatlanggo.Deu}, nil, "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an er hat aus bei nach wird war durch daß dass wie einer um am sind noch einem über so zum oder haben nur vor zur bis ich sie wir"},
	"eng": {"English", []whatlanggo.Lang{whatlanggo.Eng}, nil, "the of and to a in that is was he for it with as his on be at by i this had not are but from or have an they which you were her she there been their we will would when who all so if my"},
	"fin": {"Finnish", []whatlanggo.Lang{whatlanggo.Fin}, nil, "ja on ei oli että se hän joka mutta ovat kuin myös ole sen mukaan niin kun jos tai hänen vain sitä jotka nyt"},
	"fra": {"French", []whatlanggo.Lang{whatlanggo.Fra}, nil, "de la le et les des à en un du une est que dans qui il au par pour pas sur ne se plus ce avec l'on son sont aux ou je sa cette mais nous on était comme leur ses d'un qu'il vous elle y a été lui"},
	"hun": {"Hungarian", []whatlanggo.Lang{whatlanggo.Hun}, nil, "a az és hogy nem is egy volt ez meg csak el már még de mint vagy ki be azt ha kell lehet után"},
	"ita": {"Italian", []whatlanggo.Lang{whatlanggo.Ita}, nil, "di e il la che in a per è un del non le una si della i con da al dei nel alla come più ha sono gli ma anche lo delle se o dal su era"},
	"lat": {"Latin", []whatlanggo.Lang{whatlanggo.Ita, whatlanggo.Ron, whatlanggo.Por, whatlanggo.Spa, whatlanggo.Fra, whatlanggo.Eng, whatlanggo.Fin}, nil, "et in est non ad ut cum quod qui ex sed si quae per ab atque aut esse nec sunt ac de enim quam hoc autem eius pro ita quo etiam se sit ne quem nam vel ipse neque quidem sibi a"},
	"nld": {"Dutch", []whatlanggo.Lang{whatlanggo.Nld}, nil, "de van het een en in is dat op te zijn voor met die niet aan er om ook als dan maar bij uit door naar hij heeft ik was ze wordt over tot wat of worden nog haar der zich"},
	"nor": {"Norwegian", []whatlanggo.Lang{whatlanggo.Nob, whatlanggo.Nno, whatlanggo.Dan}, []string{"dan", "swe"}, "og i det er på som en til å av for at med de ikke den har jeg om et men var seg han fra vi hun ble etter eller ved"},
	"pol": {"Polish", []whatlanggo.Lang{whatlanggo.Pol}, nil, "w i na z do się nie o że to jest od za po jak przez dla ale przy co jego oraz był już tak są czy tym pod"},
	"por": {"Portuguese", []whatlanggo.Lang{whatlanggo.Por}, nil, "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das à seu sua ou ser quando muito há nos já está eu"},
	"ron": {"Romanian", []whatlanggo.Lang{whatlanggo.Ron}, nil, "de și în a la cu nu că o pe care din se un să este mai pentru au fost prin sunt al ce lui sau"},
	"spa": {"Spanish", []whatlanggo.Lang{whatlanggo.Spa}, nil, "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me sin sobre este ya entre cuando muy fue"},
	"swe": {"Swedish", []whatlanggo.Lang{whatlanggo.Swe}, []string{"dan", "nor"}, "och i att det som en på är av för med till den har de inte om ett han men var sig från vi så kan hon när eller efter"},
}

// smallWord gives the languages that a small word is of.
var smallWord = func() map[string][]string {
	out := map[string][]string{}
	for name, t := range small {
		for _, w := range strings.Fields(t.words) {
			out[w] = append(out[w], name)
		}
	}
	return out
}()

// trigrams are the languages whose sequences of letters are compared.
var trigrams = func() map[whatlanggo.Lang]bool {
	out := map[whatlanggo.Lang]bool{}
	for _, t := range small {
		for _, l := range t.heard {
			out[l] = true
		}
	}
	return out
}()
