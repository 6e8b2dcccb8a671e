"""People around the children: how they are related, whom to call, who may collect."""
