from munistem.front.management.demo.writing import Paper, Theme, Tongue

THEMES = [
    Theme(
        "question",
        [
            "How do you report to a foundation without drowning in forms?",
            "What makes a municipal STEM partnership last beyond the grant?",
            "Which three figures would you show a funder from {town}?",
        ],
        [
            "We fund work in {few} municipalities and each reports differently. Has anyone agreed on a single page that serves mayor, council and foundation alike?",
            "Our support ends next summer. What helped you keep a programme going once the first money was gone?",
            "We meet the board in a month and want to show change, not activity. What do you measure?",
        ],
        [
            "We settled on one page: how many children, how many girls, what changed, what is stuck. It took two rounds to agree on the words.",
            "Write the exit into the first agreement. With {partner} we agreed that the town takes over a third of the cost each year.",
            "Ask the municipality which figure it already collects. Anything beyond that will not survive the second year.",
            "The council liked a story beside the numbers: one group, one school, one year.",
        ],
    ),
    Theme(
        "case",
        [
            "A case: mentoring by engineers, two hours a month",
            "A case: how a company opened its lab to {grade}",
        ],
        [
            "Thirty engineers, {number} pupils, one coordinator in the municipality. The coordinator made it work; without her we would have stopped in December.",
            "We began with a visit and ended with a yearly course. Half of the group are girls because the school chose them together with the mentors.",
        ],
        [
            "Who covers transport and insurance on your side?",
            "Could you share the guide that you give to new mentors?",
            "We tried this with {partner}; fixed dates for the whole year were the key.",
        ],
    ),
    Theme(
        "question",
        [
            "Open data on matriculation: how do you read withheld figures?",
            "Mapping programmes from early childhood to employment: where to begin?",
        ],
        [
            "Counts under eleven are withheld, so a small town looks empty. How do you present that without saying zero?",
            "We have a list of {number} activities and no picture. What did your first map look like?",
        ],
        [
            "Say “not published” and nothing else. We also show the neighbouring towns together, which lifts most counts above the limit.",
            "Seven stages across, four settings down, and a mark where there is nothing. Two hours with all departments in one room.",
            "Start from the gaps that people already complain about; the map will be believed.",
        ],
    ),
    Theme(
        "announcement",
        [
            "Visitors from abroad next month: who would like to present?",
            "Notes from the study visit to {town}",
        ],
        [
            "A group of city managers wants to hear how Israeli municipalities run STEM. Ten minutes each, three places left.",
            "Slides and photographs are in the library. The sentence I took home: one name, one desk, one plan.",
        ],
        [
            "Happy to present our cluster's shared centre.",
            "Thank you, the photographs of the wall map are very helpful.",
        ],
    ),
]

PAPERS = [
    Paper(
        "guide",
        "A mentor's guide for the first three meetings",
        "What to say, what to bring and what to leave to the teacher.",
        ["Written with engineers who mentored for two years. Each meeting has one aim and one activity."],
        [
            "First meeting: names and a small build",
            "Second meeting: a problem from your work",
            "Third meeting: the group chooses",
        ],
        ["lower_secondary", "upper_secondary"],
        ["industry", "informal"],
    ),
    Paper(
        "research",
        "What peers abroad learned about city STEM ecosystems",
        "A short review of five cities: governance, money, measures.",
        [
            "The review compares who leads, who pays and what is measured.",
            "In all five a named person in city hall made the difference.",
        ],
        [],
        [],
        ["formal", "informal", "family", "industry"],
    ),
    Paper(
        "tool",
        "One-page report for council and funder",
        "A template with four questions and room for one chart.",
        ["How many, how many girls, what changed, what is stuck."],
        [],
        [],
        ["formal", "informal"],
    ),
]

ENGLISH = Tongue(
    code="en",
    themes=THEMES,
    greetings=["Hello everyone,", "Good morning,", "Dear colleagues,"],
    experiences=[
        "In {town} it took a year before we saw a change, but it lasted.",
        "We worked with {partner} and agreed on the roles from the start.",
        "The budget was small, about {budget}, and most of it went to instructors.",
        "The hard part was between departments, not between partners.",
        "{number} pupils took part and more than half stayed for a second year.",
    ],
    advice=[
        "Decide beforehand how you will measure, for girls and boys apart.",
        "Bring the treasurer to the first meeting, not the last.",
        "Check transport before you choose the hour.",
        "Keep one document that outlives the people in it.",
        "Choose one partner rather than five.",
    ],
    closings=[
        "Thank you for anything you can share.",
        "What failed is as welcome as what worked.",
        "Happy to talk by phone too.",
    ],
    thanks=[
        "Thank you, this helps a lot. Could you share the document too?",
        "Thanks! We shall try it and report back here.",
        "One more question: how long did it take until you began?",
    ],
    papers=PAPERS,
    parts=["part one", "part two", "for small towns", "this year's update"],
    slots={
        "grade": ["seventh grade", "eighth grade", "ninth grade"],
        "hours": ["two hours", "three hours"],
        "partner": ["the regional college", "the science centre", "a local company", "the cluster"],
        "budget": ["40,000 shekels", "75,000 shekels", "120,000 shekels"],
    },
)
