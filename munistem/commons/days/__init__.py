"""Days as the people of the network live them: Hebrew dates, holidays and vacations, hours in which no mail is sent."""
