"""What documents mean: pure deciders from (document, snapshot) to effects and answers."""
